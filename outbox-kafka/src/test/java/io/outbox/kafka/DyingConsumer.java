package io.outbox.kafka;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.Transactions;
import io.outbox.testkit.internal.ChildJvm;
import io.outbox.testkit.internal.DyingTransactions;
import io.outbox.testkit.servers.TestDatabase;
import java.io.IOException;
import java.sql.Connection;
import java.util.List;
import java.util.Map;
import org.postgresql.ds.PGSimpleDataSource;

/** A consumer in a JVM of its own, which dies right after a commit in the database, before anything is acknowledged. */
final class DyingConsumer {
    private DyingConsumer() {}

    /** Starts one that dies after so many commits; 0 for never. */
    static Process start(int commits, TestDatabase database, String broker, String source) throws IOException {
        return ChildJvm.of(
                        DyingConsumer.class,
                        Integer.toString(commits),
                        database.jdbcUrl(),
                        database.user(),
                        database.password(),
                        broker,
                        source)
                .inheritIO()
                .start();
    }

    /** Arguments: commits, JDBC URL, user, password, broker, source. */
    public static void main(String[] arguments) throws Exception {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(arguments[1]);
        dataSource.setUser(arguments[2]);
        dataSource.setPassword(arguments[3]);
        IdempotentConsumer<Connection> consumer = IdempotentConsumer.of(
                "billing",
                new DyingTransactions<>(Transactions.of(dataSource), Integer.parseInt(arguments[0])),
                JdbcDedupStore.of(dataSource));
        KafkaConsumerLoop loop = KafkaConsumerLoop.builder(
                        Map.of(
                                "bootstrap.servers",
                                arguments[4],
                                // takes the place of the one that died at once
                                "group.instance.id",
                                "billing-1"),
                        List.of(arguments[5]),
                        consumer,
                        Inbox::effect)
                .batch(10)
                .build();
        loop.start();
        Thread.currentThread().join();
    }
}
