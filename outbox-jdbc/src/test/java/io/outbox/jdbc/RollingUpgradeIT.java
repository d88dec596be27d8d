package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.awaitility.Awaitility.await;

import io.outbox.OutboxException;
import io.outbox.relay.Relay;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.PublishOutcome;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tables that are upgraded with data in them, beside instances of the version before. Not on H2, which drops and makes a
 * table anew to change it, so that others find none, nor on SQLite, which has one writer.
 */
@ParameterizedClass
@EnumSource(
        value = Engine.class,
        names = {"POSTGRESQL", "MARIADB"})
class RollingUpgradeIT {
    private static final Duration LONG = Duration.ofSeconds(60);

    private static final Map<Engine, String> WAITING_CHANGES = Map.of(
            Engine.POSTGRESQL,
            "select count(*) from pg_locks where not granted and mode = 'AccessExclusiveLock'",
            Engine.MARIADB,
            "select count(*) from information_schema.processlist where state like 'Waiting for table metadata lock'");

    private final Engine engine;
    private RelaySetting setting;
    private OutboxSchema next;

    RollingUpgradeIT(Engine engine) {
        this.engine = engine;
    }

    @BeforeEach
    void makeTablesOfTheVersionBefore() {
        setting = new RelaySetting(engine.freshDatabase());
        next = OutboxSchema.of(setting.dataSource::getConnection, OutboxSchemaIT.version(2, ""));
    }

    @AfterEach
    void close() {
        setting.close();
    }

    @Test
    void upgrade_besideInstancesOfTheVersionBefore_losesNothingAndKeepsOrder() throws Exception {
        Relay running = setting.startRelay();
        try (KeyedWriters writers = new KeyedWriters(setting, 10, 6)) {
            await().atMost(LONG).until(() -> writers.count() > 200);

            next.upgrade();
            int before = writers.count();
            await().atMost(LONG).until(() -> writers.count() > before + 200);
            assertThat(JdbcOutboxStore.of(setting.dataSource).shards())
                    .as("an instance of the version before that starts now")
                    .isEqualTo(64);
            assertThatCode(OutboxSchema.of(setting.dataSource)::upgrade).doesNotThrowAnyException();
            setting.startRelay();
            running.stop(Duration.ofSeconds(5));
            writers.close();

            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(setting.firstDeliveries()).isEqualTo(writers.committed));
        }
        assertThat(number("select count(extra) from outbox_message")).isZero();
    }

    @Test
    void whatTheVersionBeforeHasLeft_isThereAfterTheUpgrade() throws Exception {
        setting.broker.refuse(
                RelaySetting.TOPIC, PublishOutcome.rejectedForGood(new OutboxException("refused for the test")));
        Relay before = setting.startRelay();
        setting.publish("dead");
        ParkedQuery dead = ParkedQuery.inState(ParkedState.DEAD);
        await().atMost(LONG).until(() -> setting.store.list(dead).size() == 1);
        before.stop(Duration.ofSeconds(5));
        setting.broker.accept(RelaySetting.TOPIC);
        setting.publish("hot");
        setting.transactions.inTransaction(connection -> setting.outbox.publish(
                connection,
                setting.message("scheduled")
                        .deliverAt(Instant.now().plusSeconds(1))
                        .build()));
        JdbcDedupStore dedup = JdbcDedupStore.of(setting.dataSource);
        setting.transactions.inTransaction(connection -> dedup.record(connection, "group", List.of("handled")));

        next.upgrade();

        setting.store.redrive(dead, Duration.ZERO);
        setting.startRelay();
        await().atMost(LONG)
                .untilAsserted(
                        () -> assertThat(setting.firstDeliveries()).containsOnlyKeys("dead", "hot", "scheduled"));
        Set<String> unhandled = setting.transactions.inTransaction(
                connection -> dedup.record(connection, "group", List.of("handled", "new")));
        assertThat(unhandled).containsExactly("new");
    }

    @Test
    void upgrade_thatWaitsForALongTransaction_doesNotStopTheOthers() throws Exception {
        CompletableFuture<Void> upgrading;
        try (Connection slow = setting.dataSource.getConnection()) {
            slow.setAutoCommit(false);
            setting.outbox.publish(slow, setting.message("slow").build());

            upgrading = CompletableFuture.runAsync(next::upgrade);
            await().atMost(LONG).until(() -> number(WAITING_CHANGES.get(engine)) > 0);
            // an insert behind a change that waits without a bound would wait for the slow transaction too
            for (int i = 0; i < 3; i++) {
                CompletableFuture.runAsync(() -> setting.publish("other")).get(30, TimeUnit.SECONDS);
            }
            assertThat(upgrading).isNotDone();
            slow.commit();
        }

        assertThat(upgrading).succeedsWithin(LONG);
        assertThat(number("select count(extra) from outbox_message")).isZero();
    }

    private long number(String query) throws SQLException {
        try (Connection connection = setting.dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }
}
