package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.StoreException;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ReadRequest;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Creating, upgrading and checking the tables. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class OutboxSchemaIT {
    private static final SchemaSteps VERSION_2 = version(2, "");

    /** Later versions with a column more each, and perhaps one more statement in the upgrade of version 1. */
    static SchemaSteps version(int version, String more) {
        return new SchemaSteps(
                version,
                database -> SchemaScript.load(1, database).replace("select 1, 1, {shards}", "select 1, 2, {shards}")
                        + "\nalter table {message} add column extra integer;\n",
                Map.of(
                        1,
                        database -> "-- a comment\nalter table {message}\n    add column extra integer;\n" + more,
                        2,
                        database -> "alter table {message} add column another integer;\n"));
    }

    /** Of a schema of each test's own: on MariaDB schemas belong to the server. */
    private final TableNames odd;

    private final Engine engine;
    private Engine.Address address;
    private HikariDataSource dataSource;

    OutboxSchemaIT(Engine engine) {
        this.engine = engine;
        String schema = engine.hasSchemas() ? "Orders_2_" + Long.toString(System.nanoTime(), 36) : null;
        odd = new TableNames(schema, "select_X9_");
    }

    @BeforeEach
    void open() {
        address = engine.freshDatabase();
        dataSource = address.pool(true);
    }

    @AfterEach
    void close() {
        dataSource.close();
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private int version() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select version from outbox_schema")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void create_twice_changesNothing() {
        OutboxSchema schema = OutboxSchema.of(dataSource).withShards(16);

        schema.create();
        schema.create();
        OutboxSchema.of(dataSource).upgrade();

        assertThat(JdbcOutboxStore.of(dataSource).shards()).isEqualTo(16);
        assertThatCode(OutboxSchema.of(dataSource)::verify).doesNotThrowAnyException();
    }

    @Test
    void create_withOtherShardsThanThereAre_isRefused() {
        OutboxSchema.of(dataSource).withShards(16).create();

        assertThatThrownBy(OutboxSchema.of(dataSource).withShards(32)::create)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("have 16 shards, withShards says 32");
        assertThatCode(OutboxSchema.of(dataSource)::create).doesNotThrowAnyException();
    }

    @Test
    void create_byManyAtOnce_succeedsForAll() throws Exception {
        for (TableNames names : List.of(TableNames.standard(), odd)) {
            int creators = 6;
            CyclicBarrier start = new CyclicBarrier(creators);
            List<CompletableFuture<Void>> creating = new ArrayList<>();
            for (int i = 0; i < creators; i++) {
                creating.add(CompletableFuture.runAsync(() -> {
                    try {
                        start.await();
                    } catch (Exception e) {
                        throw new IllegalStateException(e);
                    }
                    OutboxSchema.of(dataSource).withTables(names).create();
                }));
            }
            CompletableFuture.allOf(creating.toArray(CompletableFuture[]::new)).get();

            assertThat(JdbcOutboxStore.of(dataSource, names).shards()).isEqualTo(64);
        }
    }

    @Test
    void create_onAPoolWithoutAutoCommit_commits() {
        try (HikariDataSource pool = address.pool(false)) {
            OutboxSchema.of(pool).create();
        }
        assertThatCode(OutboxSchema.of(dataSource)::verify).doesNotThrowAnyException();
    }

    @Test
    void everything_worksWithOtherNames() {
        OutboxSchema.of(dataSource).withTables(odd).create();
        JdbcOutboxStore store = JdbcOutboxStore.of(dataSource, odd);
        JdbcDedupStore dedup = JdbcDedupStore.of(dataSource, odd);
        OutboxRecord message = DatabaseTest.message("m", "k");

        Transactions.of(dataSource).inTransaction(connection -> {
            store.append(connection, List.of(message));
            return dedup.record(connection, "g", List.of("m", "n"));
        });

        assertThat(store.read(new ReadRequest("default", DatabaseTest.ALL_SHARDS, 0, 10, 100, true))
                        .messages())
                .hasSize(1);
        store.join("default", "r", Duration.ofMinutes(1));
        assertThat(store.claim(
                        "default",
                        "r",
                        store.heartbeat("default", "r", Duration.ofMinutes(1))
                                .orElseThrow()
                                .leases()))
                .hasSize(64);
        assertThat(store.due("default", DatabaseTest.ALL_SHARDS, 10)).isEmpty();
        assertThat(store.list(DatabaseTest.ALL_PARKED)).isEmpty();
        assertThat(dedup.purge(Duration.ofDays(1), 10)).isZero();
        assertThatThrownBy(OutboxSchema.of(dataSource)::verify).isInstanceOf(StoreException.class);
    }

    @Test
    void reservedWords_areNamesLikeOthers() throws SQLException {
        for (String word : List.of("order", "Select", "user")) {
            TableNames names = new TableNames(engine.hasSchemas() ? word : null, word + "_");
            OutboxSchema.of(dataSource).withTables(names).create();
            JdbcOutboxStore store = JdbcOutboxStore.of(dataSource, names);
            Transactions.of(dataSource).inTransaction(connection -> {
                store.append(connection, List.of(DatabaseTest.message("m", "k")));
                return null;
            });

            assertThat(store.oldestWaiting("default")).isPresent();
            if (engine == Engine.MARIADB || engine == Engine.MYSQL) {
                execute("drop database `" + word + "`"); // it belongs to the server, which other tests use, too
            }
        }
    }

    @Test
    void missingTables_areNamedWithWhatToRun() throws SQLException {
        JdbcOutboxStore store = JdbcOutboxStore.of(dataSource);
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> store.append(connection, List.of(DatabaseTest.message("m", null))))
                    .isExactlyInstanceOf(StoreException.class)
                    .hasMessageContaining("outbox_message")
                    .hasMessageContaining("OutboxSchema.of(dataSource)")
                    .hasMessageContaining("io.outbox.jdbc.OutboxSchema create");
            connection.rollback();
        }
        assertThatThrownBy(store::shards).hasMessageContaining("outbox_message");
        assertThatThrownBy(OutboxSchema.of(dataSource)::verify).hasMessageContaining("outbox_message");
        assertThatThrownBy(OutboxSchema.of(dataSource).withTables(odd)::verify).hasMessageContaining("select_X9_");

        OutboxSchema.of(dataSource).create();
        assertThat(store.shards()).isEqualTo(64);
        execute("drop table outbox_message");
        assertThatThrownBy(() -> store.delete(new long[] {1}))
                .isExactlyInstanceOf(StoreException.class)
                .hasMessageContaining("a table or column is missing")
                .hasMessageContaining("outbox_message");
    }

    @Test
    void olderTables_areUpgradedByStep() throws SQLException {
        OutboxSchema.of(dataSource).create();
        JdbcOutboxStore before = JdbcOutboxStore.of(dataSource);
        Transactions.of(dataSource).inTransaction(connection -> {
            before.append(connection, List.of(DatabaseTest.message("m", "k")));
            return JdbcDedupStore.of(dataSource).record(connection, "g", List.of("m"));
        });
        OutboxSchema next = OutboxSchema.of(dataSource::getConnection, VERSION_2);

        assertThatThrownBy(next::verify)
                .isExactlyInstanceOf(StoreException.class)
                .hasMessageContaining("says version 1, this library needs 2")
                .hasMessageContaining("upgrade");
        assertThatThrownBy(next::create).hasMessageContaining("upgrade");
        next.upgrade();
        next.upgrade();

        assertThat(version()).isEqualTo(2);
        execute("select extra from outbox_message");
        assertThat(before.read(new ReadRequest("default", DatabaseTest.ALL_SHARDS, 0, 10, 100, true))
                        .messages())
                .hasSize(1);
    }

    @Test
    void tablesTwoVersionsAhead_areRefused() throws SQLException {
        OutboxSchema.of(dataSource).create();
        OutboxSchema.of(dataSource::getConnection, version(3, "")).upgrade();

        assertThat(version()).isEqualTo(3);
        execute("select extra, another from outbox_message");
        assertThatThrownBy(OutboxSchema.of(dataSource)::upgrade)
                .isExactlyInstanceOf(StoreException.class)
                .hasMessageContaining("says version 3, this library knows 1 and works with 2")
                .hasMessageContaining("newer version of the library");
        assertThatThrownBy(JdbcOutboxStore.of(dataSource)::shards).hasMessageContaining("newer version");
    }

    @Test
    void upgrade_thatFailedHalfWay_isCompletedByTheNext() throws SQLException {
        OutboxSchema.of(dataSource).create();
        OutboxSchema broken =
                OutboxSchema.of(dataSource::getConnection, version(2, "alter table nowhere drop column x;\n"));

        assertThatThrownBy(broken::upgrade).isInstanceOf(StoreException.class);
        assertThat(version()).isEqualTo(1);
        OutboxSchema.of(dataSource::getConnection, VERSION_2).upgrade();

        assertThat(version()).isEqualTo(2);
        execute("select extra from outbox_message");
    }

    @Test
    void upgrade_byManyAtOnce_isDoneOnce() throws Exception {
        OutboxSchema.of(dataSource).create();
        OutboxSchema next = OutboxSchema.of(dataSource::getConnection, VERSION_2);
        List<CompletableFuture<Void>> upgrading = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            upgrading.add(CompletableFuture.runAsync(next::upgrade));
        }
        CompletableFuture.allOf(upgrading.toArray(CompletableFuture[]::new)).get();

        assertThat(version()).isEqualTo(2);
    }

    @Test
    void upgrade_ofNothing_creates() throws SQLException {
        OutboxSchema.of(dataSource::getConnection, VERSION_2).upgrade();

        assertThat(version()).isEqualTo(2);
    }

    @Test
    void halfCreatedTables_areCompleted() throws SQLException {
        OutboxSchema.of(dataSource).create();
        execute("delete from outbox_schema");
        execute("drop table outbox_dedup");

        assertThatThrownBy(OutboxSchema.of(dataSource)::verify)
                .hasMessageContaining("has no version row")
                .hasMessageContaining("create");
        OutboxSchema.of(dataSource).upgrade();

        execute("select * from outbox_dedup");
        assertThat(version()).isEqualTo(1);
    }

    @Test
    void script_createsTheSame() throws SQLException {
        String script =
                OutboxSchema.of(dataSource).withTables(odd).withShards(8).script();

        for (String statement : SchemaScript.statements(script)) {
            execute(statement);
        }

        assertThat(JdbcOutboxStore.of(dataSource, odd).shards()).isEqualTo(8);
        assertThat(script).contains("select_X9_message").doesNotContain("{");
    }
}
