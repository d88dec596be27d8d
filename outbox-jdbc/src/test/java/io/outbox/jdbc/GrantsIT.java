package io.outbox.jdbc;

import static io.outbox.jdbc.DatabaseTest.ALL_SHARDS;
import static io.outbox.jdbc.DatabaseTest.CHANNEL;
import static io.outbox.jdbc.DatabaseTest.MINUTE;
import static io.outbox.jdbc.DatabaseTest.message;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.StoreException;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.StoredMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** The grants of docs/grants-*.sql are enough for each user, and for nothing else. */
@ParameterizedClass
@EnumSource(
        value = Engine.class,
        names = {"POSTGRESQL", "MARIADB"})
class GrantsIT {
    private static final String PASSWORD = "secret";

    private final Engine engine;
    private final String suffix = "_" + Long.toString(System.nanoTime(), 36);
    private final List<HikariDataSource> pools = new ArrayList<>();
    private Engine.Address address;

    GrantsIT(Engine engine) {
        this.engine = engine;
    }

    @BeforeEach
    void grant() throws SQLException, IOException {
        address = engine.freshDatabase();
        HikariDataSource owner = address.pool(true, 1);
        pools.add(owner);
        OutboxSchema.of(owner).create();
        String script = Files.readString(Path.of("../docs/grants-" + engine.dialect() + ".sql"));
        try (Connection connection = owner.getConnection();
                Statement statement = connection.createStatement()) {
            for (String user : List.of("outbox_publisher", "outbox_relay", "outbox_consumer")) {
                statement.execute(
                        engine == Engine.POSTGRESQL
                                ? "create role " + user + suffix + " login password '" + PASSWORD + "'"
                                : "create user '" + user + suffix + "'@'%' identified by '" + PASSWORD + "'");
            }
            // users belong to the server: each test has its own
            for (String sql : SchemaScript.statements(script)) {
                statement.execute(sql.replaceAll(
                        "to '?(outbox_[a-z]+)'?",
                        engine == Engine.POSTGRESQL ? "to $1" + suffix : "to '$1" + suffix + "'"));
            }
        }
    }

    @AfterEach
    void close() {
        pools.forEach(HikariDataSource::close);
    }

    private HikariDataSource as(String user) {
        HikariDataSource pool = new Engine.Address(address.url(), user + suffix, PASSWORD).pool(true, 2);
        pools.add(pool);
        return pool;
    }

    private static void append(HikariDataSource pool, OutboxRecord... messages) {
        JdbcOutboxStore store = JdbcOutboxStore.of(pool);
        Transactions.of(pool).inTransaction(connection -> {
            store.append(connection, List.of(messages));
            return null;
        });
    }

    private static void assertRefused(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).isExactlyInstanceOf(StoreException.class);
    }

    @Test
    void thePublisher_writesMessages_andReadsAndDeletesNone() {
        HikariDataSource publisher = as("outbox_publisher");
        OutboxRecord scheduled =
                new OutboxRecord("s", CHANNEL, "o", "k", "t", "x", Map.of(), new byte[1], Instant.now());

        append(publisher, message("a", "k"), message("b", "k"), scheduled);

        JdbcOutboxStore store = JdbcOutboxStore.of(publisher);
        assertRefused(() -> store.read(new ReadRequest(CHANNEL, ALL_SHARDS, 0, 10, 10, true)));
        assertRefused(() -> store.delete(new long[] {1}));
        assertRefused(() -> store.join(CHANNEL, "r", MINUTE));
        assertRefused(() -> store.list(ParkedQuery.deadLetters()));
        assertRefused(() -> JdbcDedupStore.of(publisher).purge(Duration.ZERO, 1));
    }

    @Test
    void theRelay_doesAllThatRelaysAndOperatorsDo_andWritesNoMessages() {
        append(as("outbox_publisher"), message("a", "k"), message("b", "k"));
        HikariDataSource relay = as("outbox_relay");
        JdbcOutboxStore store = JdbcOutboxStore.of(relay);

        store.join(CHANNEL, "r", MINUTE);
        store.claim(
                CHANNEL,
                "r",
                store.heartbeat(CHANNEL, "r", MINUTE).orElseThrow().leases());
        List<StoredMessage> read = store.read(new ReadRequest(CHANNEL, ALL_SHARDS, 0, 10, 1000, true))
                .messages();
        assertThat(store.park("r", List.of(DatabaseTest.parking(read.get(0), ParkedState.RETRY, Duration.ZERO))))
                .isTrue();
        ParkedMessage due = store.due(CHANNEL, ALL_SHARDS, 10).get(0);
        assertThat(store.repark("r", due, ParkedState.DEAD, 1, Duration.ZERO, "x"))
                .isTrue();
        assertThat(store.redrive(ParkedQuery.deadLetters(), Duration.ZERO)).isEqualTo(1);
        assertThat(store.count(CHANNEL, Set.of(ParkedState.RETRY))).isEqualTo(1);
        assertThat(store.discard(ParkedQuery.inState(ParkedState.RETRY))).isEqualTo(1);
        store.delete(new long[] {read.get(1).id()});
        assertThat(store.oldestWaiting(CHANNEL)).isEmpty();
        store.release(CHANNEL, "r", Set.of(1));
        store.leave(CHANNEL, "r");

        assertRefused(() -> append(relay, message("c", "k")));
        assertRefused(() -> JdbcDedupStore.of(relay).purge(Duration.ZERO, 1));
    }

    @Test
    void theConsumer_recordsAndForgets_andSeesNoMessages() {
        HikariDataSource consumer = as("outbox_consumer");
        JdbcDedupStore dedup = JdbcDedupStore.of(consumer);

        Set<String> fresh = Transactions.of(consumer)
                .<Set<String>, RuntimeException>inTransaction(
                        connection -> dedup.record(connection, "g", List.of("a", "b")));
        assertThat(fresh).hasSize(2);
        assertThat(dedup.purge(Duration.ofDays(1), 10)).isZero();

        assertRefused(() -> JdbcOutboxStore.of(consumer).read(new ReadRequest(CHANNEL, ALL_SHARDS, 0, 10, 10, true)));
        assertRefused(() -> append(consumer, message("c", "k")));
    }
}
