package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.OutboxException;
import io.outbox.relay.Relay;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.PublishOutcome;
import io.outbox.testkit.servers.PgBouncer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Everything through PgBouncer in transaction mode, with fewer sessions on the server than there are connections. */
class PgBouncerIT {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final int SESSIONS = 4;

    private PgBouncer bouncer;
    private TestDatabase database;
    private RelaySetting setting;

    @BeforeEach
    void start() {
        bouncer = TestServers.newPgBouncer(
                TestServers.postgres(),
                // round robin: the next transaction of a connection is mostly in another session
                Map.of("default_pool_size", Integer.toString(SESSIONS), "server_round_robin", "1"));
        database = TestServers.postgres().createDatabase();
        setting = new RelaySetting(new Engine.Address(
                bouncer.jdbcUrl(database) + "?prepareThreshold=0", database.user(), database.password()));
    }

    @AfterEach
    void stop() {
        setting.close();
        bouncer.close();
        database.close();
    }

    @Test
    void relays_shareAndHandOver_keepingEachKeysOrder_andLeaveNoStateInASession() throws Exception {
        List<String> before = settingsOfSessions();
        Relay first = setting.startRelay();
        Relay second = setting.startRelay();
        await().atMost(LONG).until(() -> leases(first) == 32 && leases(second) == 32);
        try (KeyedWriters writers = new KeyedWriters(setting, 10, 6)) {
            await().atMost(LONG).until(() -> writers.count() > 200);
            first.stop(Duration.ofSeconds(5));
            await().atMost(LONG).until(() -> leases(second) == 64);
            int handedOver = writers.count();
            await().atMost(LONG).until(() -> writers.count() > handedOver + 200);
            writers.close();

            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(setting.firstDeliveries()).isEqualTo(writers.committed));
            assertThat(writers.unknown).isEmpty();
        }
        second.stop(Duration.ofSeconds(5));

        assertThat(settingsOfSessions()).isEqualTo(before);
    }

    @Test
    void consumers_recordEachMessageOnce() {
        JdbcDedupStore dedup = JdbcDedupStore.of(setting.dataSource);
        for (int i = 0; i < 40; i++) { // more often than it takes the driver to prepare a statement
            String id = "m" + i;
            Set<String> first = setting.transactions.inTransaction(
                    connection -> dedup.record(connection, "group", List.of(id, "other" + id)));
            Set<String> again =
                    setting.transactions.inTransaction(connection -> dedup.record(connection, "group", List.of(id)));

            assertThat(first).hasSize(2);
            assertThat(again).isEmpty();
        }
        assertThat(dedup.purge(Duration.ofDays(1), 10)).isZero();
    }

    @Test
    void parkedMessages_areRedriven() {
        setting.broker.refuse(
                RelaySetting.TOPIC, PublishOutcome.rejectedForGood(new OutboxException("refused for the test")));
        setting.startRelay();
        for (int i = 0; i < 20; i++) {
            setting.publish("k" + i);
        }
        ParkedQuery dead = ParkedQuery.inState(ParkedState.DEAD);
        await().atMost(LONG).until(() -> setting.store.list(dead).size() == 20);
        setting.broker.accept(RelaySetting.TOPIC);

        assertThat(setting.store.redrive(dead, Duration.ZERO)).isEqualTo(20);
        await().atMost(LONG).until(() -> setting.arrivedIds().size() == 20);
    }

    private static int leases(Relay relay) {
        return relay.status().channel("default").leases().size();
    }

    /** What is set in each session of the server, each seen once, all at the same time. */
    private List<String> settingsOfSessions() throws SQLException {
        String query = """
                select pg_backend_pid(), (select string_agg(name || '=' || setting, ' ' order by name)
                    from pg_settings where source = 'session'),
                    (select count(*) from pg_prepared_statements),
                    (select count(*) from pg_locks where locktype = 'advisory' and pid = pg_backend_pid())
                """;
        Set<Integer> sessions = new HashSet<>();
        Set<String> found = new HashSet<>();
        List<Connection> open = new ArrayList<>();
        try {
            for (int i = 0; i < SESSIONS; i++) {
                Connection connection = setting.dataSource.getConnection();
                open.add(connection);
                connection.setAutoCommit(false); // keeps the session until the end
                try (Statement statement = connection.createStatement();
                        ResultSet row = statement.executeQuery(query)) {
                    row.next();
                    sessions.add(row.getInt(1));
                    found.add(row.getString(2) + " prepared " + row.getInt(3) + " locks " + row.getInt(4));
                }
            }
        } finally {
            for (Connection connection : open) {
                connection.rollback();
                connection.setAutoCommit(true);
                connection.close();
            }
        }
        assertThat(sessions).hasSize(SESSIONS);
        return found.stream().sorted().toList();
    }
}
