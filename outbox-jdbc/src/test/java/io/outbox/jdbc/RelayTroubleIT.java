package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.relay.ChannelStatus;
import io.outbox.relay.Relay;
import io.outbox.spi.RelayListener;
import io.outbox.testkit.InProcessPublisher;
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
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The relay on a real PostgreSQL that makes trouble: it backs off, says so, and goes on by itself. */
class RelayTroubleIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final TestDatabase database = TestServers.postgres().createDatabase();
    private final RelaySetting setting = new RelaySetting(database);
    private final AtomicInteger failures = new AtomicInteger();
    private final RelayListener counting = RelaySetting.counting(failures);

    @AfterEach
    void close() {
        setting.close();
    }

    @Test
    void aDatabaseThatTurnsReadOnly_isReportedWithoutSpinning_andTheWorkGoesOnWhenItIsWritable() throws SQLException {
        InProcessPublisher publisher = setting.broker.publisher();
        Relay relay = setting.start(setting.relay(publisher).listener(counting));
        publisher.holdConfirmations();
        publishMany(50);
        await().atMost(LONG).until(() -> publisher.outstanding() == 50);
        try (Connection admin = database.dataSource().getConnection()) {
            execute(admin, "alter database " + database.name() + " set default_transaction_read_only = on");
            endOtherSessions(admin);
            publisher.releaseConfirmations();

            await().atMost(LONG)
                    .ignoreExceptions()
                    .until(() -> status(relay).lastFailure().isPresent() && failures.get() >= 3);
            // each of the passes backs off on its own: from 100 ms to 5 s
            assertThat(failures.get()).isLessThan(100);

            execute(admin, "alter database " + database.name() + " reset default_transaction_read_only");
            endOtherSessions(admin);
        }
        await().atMost(LONG).ignoreExceptions().until(() -> {
            setting.publish("k");
            return true;
        });

        await().atMost(LONG)
                .ignoreExceptions()
                .until(() -> setting.arrivedIds().size() == 51
                        && status(relay).oldestWaiting().isEmpty()
                        && status(relay).lastFailure().isEmpty());
    }

    @Test
    void aPoolWithoutConnections_isWaitedForAndReported() throws SQLException {
        Relay relay = setting.start(setting.relay(setting.broker.publisher()).listener(counting));
        await().atMost(LONG).until(() -> status(relay).leases().size() == 64);
        publishMany(10);
        await().atMost(LONG).until(() -> setting.arrivedIds().size() == 10);
        List<Connection> taken = new ArrayList<>();
        try {
            for (int i = 0; i < 30; i++) {
                taken.add(setting.dataSource.getConnection());
            }
            await().atMost(LONG).until(() -> failures.get() >= 2);
            assertThat(failures.get()).isLessThan(100);
        } finally {
            for (Connection one : taken) {
                one.close();
            }
        }
        publishMany(10);

        await().atMost(LONG)
                .until(() -> setting.arrivedIds().size() == 20
                        && status(relay).lastFailure().isEmpty());
    }

    @Test
    void aReaderThatIsHeldUp_doesNotLoseItsLeases() throws SQLException {
        Relay relay = setting.startRelay();
        await().atMost(LONG).until(() -> status(relay).leases().size() == 64);
        try (Connection other = database.dataSource().getConnection();
                Connection observer = database.dataSource().getConnection()) {
            other.setAutoCommit(false);
            execute(other, "lock table outbox_message in access exclusive mode");
            await().atMost(LONG).until(() -> isAnyWaitingForALock(observer));
            Set<String> beats = new HashSet<>();

            // three leases' worth of heartbeats
            await().atMost(LONG).until(() -> {
                beats.add(text(observer, "select expires_at from outbox_relay"));
                assertThat(text(observer, "select count(*) from outbox_lease where owner is not null"))
                        .isEqualTo("64");
                return beats.size() > 12;
            });
            other.rollback();
        }
        publishMany(10);

        await().atMost(LONG).until(() -> setting.arrivedIds().size() == 10);
    }

    @Test
    void aReaderThatIsStuckForGood_givesItsLeasesUp() throws SQLException {
        Relay relay = setting.start(setting.relay(setting.broker.publisher()).stuckAfter(Duration.ofSeconds(1)));
        await().atMost(LONG).until(() -> status(relay).leases().size() == 64);
        try (Connection other = database.dataSource().getConnection();
                Connection observer = database.dataSource().getConnection()) {
            other.setAutoCommit(false);
            execute(other, "lock table outbox_message in access exclusive mode");

            await().atMost(LONG)
                    .until(() -> text(observer, "select count(*) from outbox_lease where owner is not null")
                            .equals("0"));
            other.rollback();
        }
        publishMany(10);

        await().atMost(LONG).until(() -> setting.arrivedIds().size() == 10);
    }

    @Test
    void aDeadlock_isTriedAgain() throws Exception {
        InProcessPublisher publisher = setting.broker.publisher();
        Relay relay = setting.start(setting.relay(publisher).listener(counting));
        publisher.holdConfirmations();
        publishMany(2);
        await().atMost(LONG).until(() -> publisher.outstanding() == 2);
        try (Connection other = database.dataSource().getConnection();
                Connection observer = database.dataSource().getConnection()) {
            other.setAutoCommit(false);
            execute(other, "select 1 from outbox_message where id = (select max(id) from outbox_message) for update");
            publisher.releaseConfirmations();
            await().atMost(LONG).until(() -> isAnyWaitingForALock(observer));
            // one of the two sessions is now told of a deadlock by the database
            CompletableFuture.runAsync(() -> lockTheLowest(other)).get();
            other.rollback();
        }

        await().atMost(LONG)
                .until(() -> status(relay).oldestWaiting().isEmpty()
                        && status(relay).inFlight() == 0
                        && status(relay).lastFailure().isEmpty());
        assertThat(setting.arrived()).hasSize(2);
    }

    private static void lockTheLowest(Connection other) {
        try {
            execute(other, "select 1 from outbox_message where id = (select min(id) from outbox_message) for update");
        } catch (SQLException e) {
            assertThat(e.getSQLState()).isEqualTo("40P01");
        }
    }

    private void publishMany(int messages) {
        for (int i = 0; i < messages; i++) {
            setting.publish("k" + i % 7);
        }
    }

    private static ChannelStatus status(Relay relay) {
        return relay.status().channel("default");
    }

    private static void endOtherSessions(Connection admin) throws SQLException {
        execute(
                admin,
                "select pg_terminate_backend(pid) from pg_stat_activity"
                        + " where datname = current_database() and pid <> pg_backend_pid()");
    }

    private static boolean isAnyWaitingForALock(Connection observer) throws SQLException {
        return !text(
                        observer,
                        "select count(*) from pg_stat_activity"
                                + " where datname = current_database() and wait_event_type = 'Lock'")
                .equals("0");
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String text(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? String.valueOf(row.getString(1)) : "";
        }
    }
}
