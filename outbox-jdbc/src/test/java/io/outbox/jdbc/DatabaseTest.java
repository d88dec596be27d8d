package io.outbox.jdbc;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.spi.Lease;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Parking;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.ReadResult;
import io.outbox.spi.StoredMessage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A fresh database with the tables for each test. */
abstract class DatabaseTest {
    static final String CHANNEL = "default";
    static final Duration MINUTE = Duration.ofMinutes(1);
    static final Set<Integer> ALL_SHARDS =
            IntStream.range(0, OutboxSchema.DEFAULT_SHARDS).boxed().collect(Collectors.toUnmodifiableSet());
    static final ParkedQuery ALL_PARKED = ParkedQuery.inState(
                    ParkedState.SCHEDULED,
                    ParkedState.RETRY,
                    ParkedState.BEHIND,
                    ParkedState.DEAD,
                    ParkedState.DEAD_BLOCKING)
            .withPage(0, 10_000);

    final Engine engine;
    HikariDataSource dataSource;
    JdbcOutboxStore store;
    Transactions transactions;

    DatabaseTest(Engine engine) {
        this.engine = engine;
    }

    @BeforeEach
    final void open() {
        dataSource = engine.fresh();
        store = JdbcOutboxStore.of(dataSource);
        transactions = Transactions.of(dataSource);
    }

    @AfterEach
    final void close() {
        dataSource.close();
    }

    static OutboxRecord message(String id, @Nullable String key) {
        return new OutboxRecord(
                id,
                CHANNEL,
                "orders",
                key,
                "order.paid",
                "text/plain",
                Map.of(),
                ("payload of " + id).getBytes(StandardCharsets.UTF_8),
                null);
    }

    /** Appends and commits, on a connection of the caller's own kind. */
    void append(OutboxRecord... messages) throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            store.append(connection, List.of(messages));
            connection.commit();
        }
    }

    ReadResult read(long afterId) {
        return store.read(new ReadRequest(CHANNEL, ALL_SHARDS, afterId, 1000, 1 << 20, true));
    }

    List<StoredMessage> waiting() {
        return read(0).messages();
    }

    static List<String> idsOf(List<StoredMessage> messages) {
        return messages.stream().map(m -> m.message().messageId()).toList();
    }

    static long[] storeIds(List<StoredMessage> messages) {
        return messages.stream().mapToLong(StoredMessage::id).toArray();
    }

    /** Makes a relay that has all shards of the channel. */
    String relayWithAllShards() {
        String relay = "relay-" + System.nanoTime();
        store.join(CHANNEL, relay, MINUTE);
        List<Lease> leases =
                store.heartbeat(CHANNEL, relay, MINUTE).orElseThrow().leases();
        store.claim(CHANNEL, relay, leases);
        return relay;
    }

    static Parking parking(StoredMessage message, ParkedState state, Duration delay) {
        return new Parking(message, state, 0, delay, state == ParkedState.BEHIND ? null : "refused");
    }

    /** Appends messages of one key and parks them in these states, due at once. */
    void park(String relay, String key, ParkedState... states) throws SQLException {
        OutboxRecord[] messages = IntStream.range(0, states.length)
                .mapToObj(i -> message(key + "-" + i, key))
                .toArray(OutboxRecord[]::new);
        append(messages);
        List<StoredMessage> stored = waiting();
        store.park(
                relay,
                IntStream.range(0, states.length)
                        .mapToObj(i -> parking(stored.get(i), states[i], Duration.ZERO))
                        .toList());
    }

    List<String> parkedIds() {
        return store.list(ALL_PARKED).stream()
                .map(p -> p.message().message().messageId() + " " + p.state())
                .toList();
    }

    /** The first column of what a query finds. */
    List<String> texts(String query) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
                java.sql.Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            while (row.next()) {
                texts.add(row.getString(1));
            }
        }
        return texts;
    }

    void execute(String... statements) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                java.sql.Statement statement = connection.createStatement()) {
            boolean before = connection.getAutoCommit();
            connection.setAutoCommit(true);
            for (String sql : Arrays.asList(statements)) {
                statement.execute(sql);
            }
            connection.setAutoCommit(before);
        }
    }
}
