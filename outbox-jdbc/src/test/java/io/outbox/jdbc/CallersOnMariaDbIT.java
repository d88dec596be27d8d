package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.ParkedQuery;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What callers at REPEATABLE READ, InnoDB's default, feel of the relay beside them: nothing. */
class CallersOnMariaDbIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int TRANSACTIONS = 1500;

    private final RelaySetting setting = new RelaySetting(Engine.MARIADB.freshDatabase());
    private final JdbcDedupStore dedup = JdbcDedupStore.of(setting.dataSource);
    private final AtomicBoolean isStopped = new AtomicBoolean();
    private final AtomicInteger committed = new AtomicInteger();
    private final Queue<Exception> failures = new ConcurrentLinkedQueue<>();
    private final List<Thread> threads = new ArrayList<>();

    @AfterEach
    void close() throws InterruptedException {
        isStopped.set(true);
        for (Thread thread : threads) {
            thread.join();
        }
        setting.close();
    }

    @Test
    void writersAtRepeatableRead_besideRelaysPurgesAndOperators_neverDeadlockNorWaitLong() throws SQLException {
        try (Connection connection = setting.dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table orders (id bigint auto_increment primary key, note varchar(50))");
        }
        setting.startRelay();
        setting.startRelay();
        for (int i = 0; i < 6; i++) {
            Random random = new Random(i);
            start(() -> write(random));
        }
        start(() -> dedup.purge(Duration.ofMillis(50), 100));
        start(() -> {
            setting.store.redrive(ParkedQuery.deadLetters(), Duration.ZERO);
            setting.store.discard(ParkedQuery.deadLetters().withOlderThan(Duration.ofHours(1)));
            setting.store.oldestWaiting("default");
        });

        await().atMost(LONG).until(() -> committed.get() >= TRANSACTIONS || !failures.isEmpty());

        assertThat(failures).isEmpty();
    }

    private void start(Step step) {
        Thread thread = new Thread(() -> {
            while (!isStopped.get()) {
                try {
                    step.run();
                } catch (Exception e) {
                    failures.add(e);
                }
            }
        });
        threads.add(thread);
        thread.start();
    }

    /** One transaction: reads, writes its own table, messages for now and for later, and records what it handled. */
    private void write(Random random) throws SQLException {
        try (Connection connection = setting.dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            connection.setTransactionIsolation(Connection.TRANSACTION_REPEATABLE_READ);
            connection.setAutoCommit(false);
            // whoever waits for a lock of ours fails at once, instead of in 50 s
            statement.execute("set innodb_lock_wait_timeout = 2");
            statement.executeQuery("select count(*) from orders").close();
            try (PreparedStatement insert = connection.prepareStatement("insert into orders (note) values (?)")) {
                insert.setString(1, "order");
                insert.executeUpdate();
            }
            for (int i = 0; i <= random.nextInt(4); i++) {
                setting.outbox.publish(
                        connection, setting.message("k" + random.nextInt(9)).build());
            }
            if (random.nextInt(5) == 0) {
                setting.outbox.publish(
                        connection,
                        setting.message("later")
                                .deliverAt(Instant.now().plusMillis(random.nextInt(300)))
                                .build());
            }
            dedup.record(connection, "g", List.of("m" + random.nextLong(), "n" + random.nextLong()));
            if (random.nextInt(20) == 0) {
                connection.rollback();
            } else {
                connection.commit();
                committed.incrementAndGet();
            }
        }
    }

    @FunctionalInterface
    private interface Step {
        void run() throws Exception;
    }
}
