package io.outbox.jdbc;

import static io.outbox.jdbc.DatabaseTest.ALL_SHARDS;
import static io.outbox.jdbc.DatabaseTest.CHANNEL;
import static io.outbox.jdbc.DatabaseTest.MINUTE;
import static io.outbox.jdbc.DatabaseTest.message;
import static io.outbox.jdbc.DatabaseTest.parking;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.outbox.relay.Relay;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Publisher;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.servers.DatabaseServer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What a read has found is on disk, also on MariaDB without a binary log, which shows a commit before it is. The moment in
 * between is made long here: commits are written to the log when someone else makes the server write it.
 */
class DurableReadsIT {
    private static DatabaseServer server;

    private DataSource dataSource;
    private JdbcOutboxStore store;
    private JdbcDedupStore dedup;

    @BeforeAll
    static void startServer() {
        server = TestServers.newMariadb(Map.of("innodb-flush-log-at-timeout", "2700"));
    }

    @AfterAll
    static void closeServer() {
        server.close();
    }

    @BeforeEach
    void createTables() {
        open(server);
    }

    private void open(DatabaseServer on) {
        TestDatabase database = on.createDatabase();
        dataSource = database.dataSource();
        OutboxSchema.of(dataSource).create();
        store = JdbcOutboxStore.of(dataSource);
        dedup = JdbcDedupStore.of(dataSource);
        store.shards();
        record("first");
    }

    private void append(OutboxRecord... messages) {
        Transactions.of(dataSource).inTransaction(connection -> {
            store.append(connection, List.of(messages));
            return null;
        });
    }

    private Set<String> record(String id) {
        return Transactions.of(dataSource)
                .<Set<String>, RuntimeException>inTransaction(connection -> dedup.record(connection, "g", List.of(id)));
    }

    private List<StoredMessage> read() {
        return store.read(new ReadRequest(CHANNEL, ALL_SHARDS, 0, 100, 1000, true))
                .messages();
    }

    private static OutboxRecord scheduled() {
        return new OutboxRecord("s", CHANNEL, "d", "k", "t", "x", Map.of(), new byte[1], Instant.EPOCH);
    }

    /** Commits what can be seen and is not on disk. */
    private void withoutWritingTheLog(Runnable commit) throws SQLException {
        execute("set global innodb_flush_log_at_trx_commit = 0");
        commit.run();
        execute("set global innodb_flush_log_at_trx_commit = 1");
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private long count(String table) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from " + table)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static void killAndStart() {
        server.kill();
        server.start();
    }

    @Test
    void aCommitThatNobodyHasRead_mayBeLost() throws SQLException {
        withoutWritingTheLog(() -> append(message("a", "k")));

        killAndStart();

        assertThat(count("outbox_message")).isZero();
    }

    @Test
    void messagesThatWereRead_areOnDisk() throws SQLException {
        withoutWritingTheLog(() -> append(message("a", "k")));
        assertThat(read()).hasSize(1);

        killAndStart();

        assertThat(read()).hasSize(1);
    }

    @Test
    void idsThatWereReadPast_areOnDisk_soThatTheyAreNotGivenAgain() throws SQLException {
        withoutWritingTheLog(() -> append(message("a", "k")));
        long topId = store.read(new ReadRequest("other", ALL_SHARDS, 0, 100, 1000, true))
                .topId();

        killAndStart();
        append(message("b", "k"));

        List<StoredMessage> messages = read();
        assertThat(messages.get(messages.size() - 1).id()).isGreaterThan(topId);
    }

    @Test
    void messagesThatARelayPublishes_areOnDisk() throws Exception {
        ReentrantLock gate = new ReentrantLock();
        HikariConfig config = new HikariConfig();
        config.setDataSource(dataSource);
        config.setMaximumPoolSize(8);
        config.setConnectionTimeout(1000);
        Set<String> published = ConcurrentHashMap.newKeySet();
        // nothing else is written meanwhile: the message is not confirmed, so not deleted, and the lease is long
        try (HikariDataSource pool = new HikariDataSource(config)) {
            Relay relay = Relay.builder(JdbcOutboxStore.of(behind(gate, pool)))
                    .publisher(neverConfirming(published))
                    .leaseTime(Duration.ofMinutes(10))
                    .build();
            relay.start();
            append(message("a", "k"));
            await().until(() -> published.contains("a"));
            gate.lock();
            try {
                withoutWritingTheLog(() -> append(message("b", "k")));
            } finally {
                gate.unlock();
            }
            await().until(() -> published.contains("b"));
            server.kill();
            relay.stop(Duration.ofMillis(100));
        }

        server.start();

        assertThat(count("outbox_message")).isEqualTo(2);
    }

    /** Gives connections while the gate is open. */
    private static DataSource behind(ReentrantLock gate, DataSource dataSource) {
        return (DataSource) Proxy.newProxyInstance(
                DataSource.class.getClassLoader(), new Class<?>[] {DataSource.class}, (self, method, arguments) -> {
                    gate.lock();
                    try {
                        return method.invoke(dataSource, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    } finally {
                        gate.unlock();
                    }
                });
    }

    private static Publisher neverConfirming(Set<String> published) {
        return new Publisher() {
            @Override
            public void publish(StoredMessage message, Confirmation confirmation) {
                published.add(message.message().messageId());
            }

            @Override
            public boolean keepsOrder() {
                return true;
            }

            @Override
            public void close() {}
        };
    }

    @Test
    void messagesThatWereLoaded_areOnDisk() throws SQLException {
        withoutWritingTheLog(() -> append(message("a", "k")));
        long[] ids = store.idsBetween(CHANNEL, ALL_SHARDS, 0, Long.MAX_VALUE, 10);
        assertThat(store.load(ids).messages()).hasSize(1);

        killAndStart();

        assertThat(read()).hasSize(1);
    }

    @Test
    void messagesThatAreDue_areOnDisk() throws SQLException {
        withoutWritingTheLog(() -> append(scheduled()));
        assertThat(store.due(CHANNEL, ALL_SHARDS, 10)).hasSize(1);

        killAndStart();

        assertThat(count("outbox_parked")).isEqualTo(1);
    }

    @Test
    void messagesThatAreDueWhileNothingBlocks_areOnDisk() throws SQLException {
        withoutWritingTheLog(() -> append(scheduled()));
        assertThat(store.dueWhileNothingBlocks(CHANNEL, ALL_SHARDS, 10)).hasSize(1);

        killAndStart();

        assertThat(count("outbox_parked")).isEqualTo(1);
    }

    @Test
    void messagesBehindAnother_areOnDisk() throws SQLException {
        store.join(CHANNEL, "r", MINUTE);
        store.claim(
                CHANNEL,
                "r",
                store.heartbeat(CHANNEL, "r", MINUTE).orElseThrow().leases());
        append(message("a", "k"), message("b", "k"));
        List<StoredMessage> messages = read();
        store.park("r", List.of(parking(messages.get(0), ParkedState.RETRY, Duration.ZERO)));
        var head = store.list(ParkedQuery.inState(ParkedState.RETRY)).get(0);
        withoutWritingTheLog(
                () -> store.park("r", List.of(parking(messages.get(1), ParkedState.BEHIND, Duration.ZERO))));
        assertThat(store.behind(head, 10)).hasSize(1);

        killAndStart();

        assertThat(count("outbox_parked")).isEqualTo(2);
        assertThat(count("outbox_message")).isZero();
    }

    @Test
    void aDuplicatesFirst_isOnDisk_whenTheDuplicateIsCommitted() throws SQLException {
        withoutWritingTheLog(() -> record("a"));
        assertThat(record("a")).isEmpty();

        killAndStart();

        assertThat(record("a")).isEmpty();
        assertThat(count("outbox_dedup")).isEqualTo(2);
        assertThat(count("outbox_durable")).isZero();
    }

    @Test
    void withABinaryLog_nothingIsWritten() throws SQLException {
        try (DatabaseServer logging = TestServers.newMariadb(Map.of("log-bin", "bin"))) {
            open(logging);
            append(message("a", "k"));

            assertThat(read()).hasSize(1);
            assertThat(record("first")).isEmpty();

            assertThat(count("outbox_durable")).isZero();
        }
    }
}
