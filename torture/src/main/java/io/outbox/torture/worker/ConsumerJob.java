package io.outbox.torture.worker;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.RejectedMessageException;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.Transactions;
import io.outbox.torture.history.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A consumer whose effects are rows without any constraint that would hide a second one. Sometimes its handler fails, and for
 * certain messages always.
 */
final class ConsumerJob implements Worker.Job {
    private static final String INSERT = "insert into torture_effect (name, number) values (?, ?)";
    private static final double FAILING = 0.002;

    @Override
    public void run(HikariDataSource dataSource, BrokerClient broker, Random random, CountDownLatch stopping)
            throws InterruptedException {
        IdempotentConsumer<Connection> consumer =
                IdempotentConsumer.of(Names.GROUP, Transactions.of(dataSource), JdbcDedupStore.of(dataSource));
        try (BrokerClient.Loop loop = broker.loop(
                consumer, (connection, message) -> effect(connection, Numbered.of(message.payload())), random)) {
            while (!stopping.await(200, TimeUnit.MILLISECONDS)) {
                if (!loop.isRunning()) {
                    System.err.println("the loop has ended by itself");
                    Runtime.getRuntime().halt(3);
                }
            }
        }
    }

    private static void effect(Connection connection, Numbered message) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setString(1, message.key());
            insert.setInt(2, message.number());
            insert.executeUpdate();
        }
        if (message.kind() == Kind.UNHANDLED) {
            String why = "fails always on purpose, after its effect";
            throw message.number() % 2 == 0 ? new RejectedMessageException(why) : new IllegalStateException(why);
        }
        if (ThreadLocalRandom.current().nextDouble() < FAILING) {
            throw new IllegalStateException("fails on purpose, after its effect");
        }
    }
}
