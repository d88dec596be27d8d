package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.StoreException;
import io.outbox.TransientStoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is different on SQLite: one writer, processes that share a file and are killed, no schemas. */
@Timeout(120)
class SqliteIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Engine.Address address = Engine.SQLITE.freshDatabase();

    @Test
    void aProcessThatIsKilled_losesNothing_andKeepsEachKeysOrder() throws Exception {
        List<String> sent = new CopyOnWriteArrayList<>();
        try (HikariDataSource pool = address.pool(true, 1)) {
            OutboxSchema.of(pool).create();
            execute(
                    pool,
                    "create table orders (key text not null, number integer not null, primary key (key, number))");
            for (int round = 0; round < 3; round++) {
                int before = sent.size();
                SqliteProcess process = SqliteProcess.start(address.url(), 3, sent);
                try {
                    await().atMost(LONG).until(() -> sent.size() > before + 100);
                } finally {
                    process.kill();
                }
            }
            SqliteProcess last = SqliteProcess.start(address.url(), 0, sent);
            try {
                await().atMost(LONG)
                        .until(() -> JdbcOutboxStore.of(pool)
                                .oldestWaiting(DatabaseTest.CHANNEL)
                                .isEmpty());
            } finally {
                last.kill();
            }

            assertThat(firstDeliveries(sent)).isEqualTo(orders(pool));
            assertThat(scalar(pool, "pragma integrity_check")).isEqualTo("ok");
        }
    }

    private static Map<String, List<Integer>> firstDeliveries(List<String> sent) {
        Map<String, List<Integer>> byKey = new HashMap<>();
        Set<String> once = new LinkedHashSet<>(sent);
        for (String payload : once) {
            String[] parts = payload.split(" ");
            byKey.computeIfAbsent(parts[0], key -> new ArrayList<>()).add(Integer.valueOf(parts[1]));
        }
        return byKey;
    }

    private static Map<String, List<Integer>> orders(HikariDataSource pool) throws SQLException {
        Map<String, List<Integer>> byKey = new HashMap<>();
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select key, number from orders order by key, number")) {
            while (row.next()) {
                byKey.computeIfAbsent(row.getString(1), key -> new ArrayList<>())
                        .add(row.getInt(2));
            }
        }
        return byKey;
    }

    @Test
    void ownTransactions_besideWriters_neverFailBecauseTheyReadFirst() throws Exception {
        try (HikariDataSource pool = address.pool(true)) {
            OutboxSchema.of(pool).create();
            execute(pool, "create table other (n integer)");
            AtomicBoolean isDone = new AtomicBoolean();
            CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
                while (!isDone.get()) {
                    execute(pool, "insert into other values (1)");
                }
            });
            JdbcOutboxStore store = JdbcOutboxStore.of(pool);
            for (int i = 0; i < 200; i++) {
                // the first reads the leases before it inserts some, the second before it gives them back
                store.join("channel-" + i, "relay", LONG);
                store.leave("channel-" + i, "relay");
            }
            isDone.set(true);

            assertThat(writer).succeedsWithin(LONG);
        }
    }

    @Test
    void aCallerThatReadsBeforeItPublishes_mayHaveToRepeat_unlessItsTransactionsAreImmediate() throws SQLException {
        try (HikariDataSource pool = address.pool(true)) {
            OutboxSchema.of(pool).create();
            JdbcOutboxStore store = JdbcOutboxStore.of(pool);
            assertThatThrownBy(() -> publishAfterReading(pool, store, pool))
                    .isInstanceOf(TransientStoreException.class);
            assertThat(scalar(pool, "select count(*) from outbox_message")).isEqualTo("1");
        }
        Engine.Address immediate = new Engine.Address(address.url() + "&transaction_mode=IMMEDIATE", "", "");
        Engine.Address impatient = new Engine.Address(address.url().replace("20000", "50"), "", "");
        try (HikariDataSource pool = immediate.pool(true);
                HikariDataSource other = impatient.pool(true)) {
            JdbcOutboxStore store = JdbcOutboxStore.of(pool);
            assertThatThrownBy(() -> publishAfterReading(pool, store, other))
                    .as("it is the other who has to wait")
                    .isInstanceOf(TransientStoreException.class)
                    .hasMessageStartingWith("could not append 1 messages (SQLState null, error code 5)");
            publishAfterReading(pool, store, null);
            assertThat(scalar(pool, "select count(*) from outbox_message")).isEqualTo("2");
            try (Connection writer = pool.getConnection()) {
                writer.setAutoCommit(false);
                Engine.Address both = new Engine.Address(impatient.url() + "&transaction_mode=IMMEDIATE", "", "");
                try (HikariDataSource waiting = both.pool(true, 1)) {
                    assertThatThrownBy(() -> Transactions.of(waiting).inTransaction(connection -> 1))
                            .isInstanceOf(TransientStoreException.class)
                            .hasMessageStartingWith("could not begin a transaction");
                }
            }
        }
    }

    /** Between the two, someone else publishes, too. */
    private static void publishAfterReading(HikariDataSource pool, JdbcOutboxStore store, HikariDataSource elsewhere)
            throws SQLException {
        try (Connection connection = pool.getConnection()) {
            connection.setAutoCommit(false);
            try (Statement statement = connection.createStatement();
                    ResultSet row = statement.executeQuery("select count(*) from outbox_message")) {
                row.next();
            }
            if (elsewhere != null) {
                Transactions.of(elsewhere).inTransaction(other -> {
                    JdbcOutboxStore.of(elsewhere).append(other, List.of(DatabaseTest.message("b", null)));
                    return null;
                });
            }
            store.append(connection, List.of(DatabaseTest.message("a", null)));
            connection.commit();
        }
    }

    @Test
    void aWriterThatIsWaitedForTooLong_mayPass() throws SQLException {
        Engine.Address impatient = new Engine.Address(address.url().replace("20000", "50"), "", "");
        try (HikariDataSource pool = impatient.pool(true)) {
            OutboxSchema.of(pool).create();
            JdbcOutboxStore store = JdbcOutboxStore.of(pool);
            store.join(DatabaseTest.CHANNEL, "relay", LONG);
            try (Connection writer = pool.getConnection()) {
                writer.setAutoCommit(false);
                store.append(writer, List.of(DatabaseTest.message("a", null)));

                assertThatThrownBy(() -> store.heartbeat(DatabaseTest.CHANNEL, "relay", LONG))
                        .isInstanceOf(TransientStoreException.class);
                assertThat(store.oldestWaiting(DatabaseTest.CHANNEL))
                        .as("reading waits for nobody")
                        .isEmpty();
                writer.commit();
            }
            assertThat(store.heartbeat(DatabaseTest.CHANNEL, "relay", LONG)).isPresent();
        }
    }

    @Test
    void ids_areNeverGivenAgain() throws SQLException {
        try (HikariDataSource pool = address.pool(true)) {
            OutboxSchema.of(pool).create();
            publishAfterReading(pool, JdbcOutboxStore.of(pool), null);
            execute(pool, "delete from outbox_message");
            publishAfterReading(pool, JdbcOutboxStore.of(pool), null);

            assertThat(scalar(pool, "select id from outbox_message")).isEqualTo("2");
        }
    }

    @Test
    void aSchema_isRefused() {
        try (HikariDataSource pool = address.pool(true)) {
            OutboxSchema schema =
                    OutboxSchema.of(pool).withTables(TableNames.standard().withSchema("app"));
            assertThatThrownBy(schema::create)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("SQLite has no schemas")
                    .hasMessageContaining("withPrefix");
        }
    }

    private static void execute(HikariDataSource pool, String sql) {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static String scalar(HikariDataSource pool, String sql) throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }
}
