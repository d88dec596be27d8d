package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.Message;
import io.outbox.StoreException;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.servers.DatabaseServer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A relay beside writers, on a MariaDB without a binary log that is killed in the middle of their commits. */
class RelayKilledCommitsIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int ROUNDS = Integer.getInteger("outbox.kills", 3);
    private static final int WRITERS = 8;
    /** Bytes of a business row: what takes long to be written is visible for long before it is on disk. */
    private static final int LONG_ROW = 100_000;

    private final DatabaseServer server = TestServers.newMariadb(Map.of());
    private final TestDatabase database = server.createDatabase();
    private final RelaySetting setting = new RelaySetting(database);
    private final Random random = new Random();
    private final AtomicLong ids = new AtomicLong();
    private final Set<String> published = ConcurrentHashMap.newKeySet();

    /** Has what it is given published at once. */
    private final Publisher publisher = new Publisher() {
        @Override
        public void publish(StoredMessage message, Confirmation confirmation) {
            published.add(new String(message.message().payload(), StandardCharsets.UTF_8));
            confirmation.complete(PublishOutcome.published());
        }

        @Override
        public boolean keepsOrder() {
            return true;
        }

        @Override
        public void close() {}
    };

    @BeforeEach
    void createTable() throws SQLException {
        try (Connection connection = setting.dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table business (id bigint primary key, content longblob not null)");
        }
    }

    @AfterEach
    void close() {
        setting.close();
        server.close();
    }

    @Test
    void whatWasPublished_hasItsBusinessRow_thoughTheServerIsKilled() throws Exception {
        setting.start(setting.relay(publisher).pollInterval(Duration.ofMillis(1), Duration.ofMillis(2)));
        int broken = 0;
        for (int round = 0; round < ROUNDS; round++) {
            List<Thread> writers = startWriters();
            int enough = published.size() + 100 + random.nextInt(200);
            await().atMost(LONG)
                    .pollInterval(Duration.ofMillis(1 + random.nextInt(10)))
                    .until(() -> published.size() > enough);
            server.kill();
            for (Thread writer : writers) {
                writer.join();
            }
            server.start();
            Set<String> invented = new HashSet<>(published);
            invented.removeAll(committed());
            published.removeAll(invented);
            broken += invented.isEmpty() ? 0 : 1;
        }

        assertThat(broken)
                .as("rounds of %d with messages of lost transactions", ROUNDS)
                .isZero();
    }

    /** Each goes on until its connection is lost. */
    private List<Thread> startWriters() {
        List<Thread> writers = new ArrayList<>();
        for (int i = 0; i < WRITERS; i++) {
            Thread writer = new Thread(this::write, "writer-" + i);
            writer.start();
            writers.add(writer);
        }
        return writers;
    }

    private void write() {
        try (Connection connection = setting.dataSource.getConnection();
                PreparedStatement insert = connection.prepareStatement("insert into business values (?, ?)")) {
            connection.setAutoCommit(false);
            while (true) {
                long id = ids.incrementAndGet();
                insert.setLong(1, id);
                insert.setBytes(2, new byte[LONG_ROW]);
                insert.executeUpdate();
                setting.outbox.publish(
                        connection,
                        Message.to("orders")
                                .type("order.placed")
                                .payload(Long.toString(id))
                                .build());
                connection.commit();
            }
        } catch (SQLException | StoreException e) {
            // the server is gone
        }
    }

    private Set<String> committed() throws SQLException {
        Set<String> committed = new HashSet<>();
        try (Connection connection = database.dataSource().getConnection(); // no connection from before the kill
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select id from business")) {
            while (row.next()) {
                committed.add(row.getString(1));
            }
        }
        return committed;
    }
}
