package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.outbox.StoreException;
import io.outbox.TransientStoreException;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What the stores do with connections of pools of every kind. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class ConnectionsIT {
    private final Engine engine;

    ConnectionsIT(Engine engine) {
        this.engine = engine;
    }

    /** Uses every operation, each on a connection of its own. */
    private static void useAll(JdbcOutboxStore store, HikariDataSource dataSource) throws SQLException {
        String channel = DatabaseTest.CHANNEL;
        Set<Integer> shards = DatabaseTest.ALL_SHARDS;
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            store.append(connection, List.of(DatabaseTest.message("a", "a"), DatabaseTest.message("b", "b")));
            connection.commit();
        }
        store.join(channel, "r", DatabaseTest.MINUTE);
        var leases =
                store.heartbeat(channel, "r", DatabaseTest.MINUTE).orElseThrow().leases();
        assertThat(store.claim(channel, "r", leases)).hasSize(64);
        var messages = store.read(new io.outbox.spi.ReadRequest(channel, shards, 0, 10, 100, true))
                .messages();
        assertThat(messages).hasSize(2);
        assertThat(store.park("r", List.of(DatabaseTest.parking(messages.get(0), ParkedState.RETRY, Duration.ZERO))))
                .isTrue();
        var due = store.due(channel, shards, 10);
        assertThat(due).hasSize(1);
        assertThat(store.repark("r", due.get(0), ParkedState.DEAD, 1, Duration.ZERO, "x"))
                .isTrue();
        assertThat(store.redrive(ParkedQuery.deadLetters(), Duration.ZERO)).isEqualTo(1);
        assertThat(store.hasBlocking(channel, shards)).isTrue();
        assertThat(store.discard(ParkedQuery.inState(ParkedState.RETRY))).isEqualTo(1);
        assertThat(store.count(channel, Set.of(ParkedState.RETRY))).isZero();
        assertThat(store.oldestWaiting(channel)).isPresent();
        store.delete(new long[] {messages.get(1).id()});
        assertThat(store.load(new long[] {messages.get(1).id()}).messages()).isEmpty();
        store.leave(channel, "r");
        assertThat(JdbcDedupStore.of(dataSource).purge(Duration.ofDays(1), 10)).isZero();
    }

    @Test
    void aPoolWithoutAutoCommit_isServedAndRestored() throws SQLException {
        Engine.Address address = engine.freshDatabase();
        try (HikariDataSource pool = address.pool(false, 2);
                HikariDataSource observer = address.pool(true, 1)) {
            OutboxSchema.of(pool).create();

            useAll(JdbcOutboxStore.of(pool), pool);

            assertThat(pool.getHikariPoolMXBean().getActiveConnections()).isZero();
            try (Connection one = pool.getConnection();
                    Connection other = pool.getConnection()) {
                assertThat(one.getAutoCommit()).isFalse();
                assertThat(other.getAutoCommit()).isFalse();
            }
            assertThat(JdbcOutboxStore.of(observer).list(DatabaseTest.ALL_PARKED))
                    .isEmpty();
            assertThat(JdbcOutboxStore.of(observer).oldestWaiting(DatabaseTest.CHANNEL))
                    .isEmpty();
        }
    }

    @Test
    void aPoolOfAnotherIsolation_isServedAndRestored() throws SQLException {
        for (boolean autoCommit : new boolean[] {true, false}) {
            Engine.Address address = engine.freshDatabase();
            HikariConfig configuration = address.configuration(autoCommit, 1);
            configuration.setTransactionIsolation("TRANSACTION_SERIALIZABLE");
            try (HikariDataSource pool = new HikariDataSource(configuration)) {
                OutboxSchema.of(pool).create();

                useAll(JdbcOutboxStore.of(pool), pool);

                try (Connection connection = pool.getConnection()) {
                    assertThat(connection.getTransactionIsolation()).isEqualTo(Connection.TRANSACTION_SERIALIZABLE);
                    assertThat(connection.getAutoCommit()).isEqualTo(autoCommit);
                }
            }
        }
    }

    @Test
    void sessionsOfOtherTimeZones_agreeOnEveryTime() {
        Engine.Address address = engine.freshDatabase();
        Instant due = Instant.parse("2030-07-01T12:34:56.789012Z");
        try (HikariDataSource ahead = inZone(address, "+13:00");
                HikariDataSource behind = inZone(address, "-11:00")) {
            OutboxSchema.of(ahead).create();
            JdbcOutboxStore writer = JdbcOutboxStore.of(ahead);
            JdbcOutboxStore reader = JdbcOutboxStore.of(behind);
            OutboxRecord plain = DatabaseTest.message("m", "k");
            OutboxRecord scheduled =
                    new OutboxRecord("s", DatabaseTest.CHANNEL, "o", null, "t", "x", Map.of(), new byte[0], due);
            Transactions.of(ahead).inTransaction(connection -> {
                writer.append(connection, List.of(plain, scheduled));
                return JdbcDedupStore.of(ahead).record(connection, "g", List.of("m"));
            });
            writer.join(DatabaseTest.CHANNEL, "r", DatabaseTest.MINUTE);

            assertThat(reader.oldestWaiting(DatabaseTest.CHANNEL).orElseThrow())
                    .isBetween(Duration.ofSeconds(-1), DatabaseTest.MINUTE);
            assertThat(reader.list(DatabaseTest.ALL_PARKED).get(0).notBefore()).isEqualTo(due);
            assertThat(reader.list(DatabaseTest.ALL_PARKED.withOlderThan(DatabaseTest.MINUTE)))
                    .isEmpty();
            assertThat(reader.due(DatabaseTest.CHANNEL, DatabaseTest.ALL_SHARDS, 10))
                    .isEmpty();
            assertThat(reader.heartbeat(DatabaseTest.CHANNEL, "r", DatabaseTest.MINUTE))
                    .isPresent();
            assertThat(writer.heartbeat(DatabaseTest.CHANNEL, "r", DatabaseTest.MINUTE))
                    .isPresent();
            assertThat(JdbcDedupStore.of(behind).purge(DatabaseTest.MINUTE, 10)).isZero();
        }
    }

    private HikariDataSource inZone(Engine.Address address, String offset) {
        HikariConfig configuration = address.configuration(true, 2);
        configuration.setConnectionInitSql(engine.sessionZone(offset));
        return new HikariDataSource(configuration);
    }

    @Test
    void aStoreMadeFromAUrl_hasAPoolOfItsOwn() throws SQLException {
        Engine.Address address = engine.freshDatabase();
        JdbcOutboxStore store =
                JdbcOutboxStore.ofUrl(address.url(), address.user(), address.password(), TableNames.standard());
        OutboxSchema.of(store.dataSource()).create();

        useAll(store, (HikariDataSource) store.dataSource());
        store.close();
        store.close();

        assertThat(((HikariDataSource) store.dataSource()).isClosed()).isTrue();
        assertThatThrownBy(() -> store.oldestWaiting(DatabaseTest.CHANNEL)).isInstanceOf(StoreException.class);
    }

    @Test
    void closingAStore_leavesTheCallersPoolOpen() {
        try (HikariDataSource pool = engine.fresh()) {
            JdbcOutboxStore store = JdbcOutboxStore.of(pool);
            store.close();
            assertThat(store.shards()).isEqualTo(64);
            assertThat(pool.isClosed()).isFalse();
        }
    }

    @Test
    void aDatabaseThatIsAway_mayComeBack() {
        assertThatThrownBy(() -> JdbcOutboxStore.ofUrl(
                        "jdbc:postgresql://127.0.0.1:1/none?connectTimeout=1", "u", "p", TableNames.standard()))
                .isInstanceOf(TransientStoreException.class);
    }
}
