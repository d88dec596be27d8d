package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.outbox.relay.ChannelStatus;
import io.outbox.relay.Relay;
import io.outbox.spi.PublishOutcome;
import io.outbox.testkit.InProcessPublisher;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** The relay on real servers: several of them, late commits, killed ones, stopping. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class RelayIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private final Engine engine;
    private final RelaySetting setting;
    private final int transactions;

    RelayIT(Engine engine) {
        this.engine = engine;
        transactions = engine.transactionsOfARelayTest();
        setting = new RelaySetting(engine.freshDatabase());
    }

    @AfterEach
    void close() {
        setting.close();
    }

    @Test
    void start_withABacklog_publishesAllOfItAndLeavesAnEmptyTable() {
        for (int i = 0; i < 200; i++) {
            int n = i;
            setting.transactions.inTransaction(connection -> {
                for (int k = 0; k < 50; k++) {
                    setting.outbox.publish(
                            connection, setting.message("k" + (n + k) % 20).build());
                }
                return n;
            });
        }
        Relay relay = setting.startRelay();

        await().atMost(LONG).until(() -> setting.arrived().size() >= 10_000);
        await().atMost(LONG)
                .until(() ->
                        status(relay).oldestWaiting().isEmpty() && status(relay).inFlight() == 0);
        assertThat(setting.arrived()).hasSize(10_000);
        assertThat(setting.firstDeliveries().values())
                .allSatisfy(
                        list -> assertThat(list.stream().map(Integer::valueOf)).isSorted());
    }

    @Test
    void publish_inTheSameProcess_isRelayedByTheWakeUpWithoutWaitingForAPoll() {
        Relay relay = setting.start(setting.relay(setting.broker.publisher())
                .pollInterval(Duration.ofMinutes(5), Duration.ofMinutes(5))
                .leaseTime(Duration.ofMinutes(10)));
        await().atMost(LONG).until(() -> status(relay).leases().size() == 64);

        setting.publish("a");

        await().atMost(LONG).until(() -> setting.arrived().size() == 1);
    }

    @Test
    void twoRelays_shareTheShardsAndHandThemOver_keepingEachKeysOrder() throws Exception {
        Relay first = setting.startRelay();
        await().atMost(LONG).until(() -> status(first).leases().size() == 64);
        Relay second;
        try (KeyedWriters writers = new KeyedWriters(setting, 10, 6)) {
            second = setting.startRelay();
            await().atMost(LONG)
                    .until(() -> status(first).leases().size() == 32
                            && status(second).leases().size() == 32);
            await().atMost(LONG).until(() -> writers.count() > 500);
            first.stop(Duration.ofSeconds(10));
            await().atMost(LONG).until(() -> status(second).leases().size() == 64);
            writers.close();
            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(setting.firstDeliveries()).isEqualTo(writers.committed));
        }
    }

    @Test
    void aKilledRelay_isReplacedWhenItsLeaseHasExpired() {
        ScheduledExecutorService process = Executors.newScheduledThreadPool(6);
        Relay killed = setting.start(setting.relay(setting.broker.publisher()).executor(process));
        await().atMost(LONG).until(() -> status(killed).leases().size() == 64);

        process.shutdownNow();
        Relay next = setting.startRelay();
        setting.publish("a");

        await().atMost(LONG).until(() -> setting.arrived().size() == 1);
        await().atMost(LONG).until(() -> status(next).leases().size() == 64);
    }

    @Test
    void aTransactionThatCommitsLate_isRelayedThoughThousandsCameAfterIt() throws SQLException {
        assumeFalse(engine.hasOneWriter(), "nothing is committed late");
        setting.startRelay();
        setting.startRelay();
        try (Connection late = setting.dataSource.getConnection()) {
            late.setAutoCommit(false);
            String id = setting.outbox.publish(late, setting.message("late").build());
            for (int i = 0; i < 3000; i++) {
                setting.publish("k" + i % 10);
            }
            await().atMost(LONG).until(() -> setting.arrived().size() == 3000);
            late.commit();

            await().atMost(Duration.ofSeconds(5))
                    .until(() -> setting.arrivedIds().contains(id));
        }
    }

    @Test
    void aMessageOfATransactionOpenForSeconds_comesBeforeTheNextOfItsKey() throws Exception {
        assumeFalse(engine.hasOneWriter(), "nothing is committed late");
        setting.startRelay();
        String first;
        try (Connection late = setting.dataSource.getConnection()) {
            late.setAutoCommit(false);
            first = setting.outbox.publish(late, setting.message("late").build());
            long begun = System.nanoTime();
            await("longer than the relay searches what it has read")
                    .pollInterval(Duration.ofMillis(20))
                    .atMost(LONG)
                    .until(() -> {
                        setting.publish("k" + setting.arrived().size() % 5);
                        return System.nanoTime() - begun
                                > Duration.ofMillis(2500).toNanos();
                    });
            late.commit();
        }
        setting.publish("late");

        await().atMost(LONG)
                .until(() -> setting.firstDeliveries()
                                .getOrDefault("late", List.of())
                                .size()
                        == 2);
        assertThat(setting.arrived().stream()
                        .filter(message -> "late".equals(message.key()))
                        .findFirst()
                        .orElseThrow()
                        .id())
                .isEqualTo(first);
    }

    @Test
    void writersThatHoldTransactionsOpen_seeEachKeysCommitOrder() throws Exception {
        setting.startRelay();
        try (KeyedWriters writers = new KeyedWriters(setting, 12, 12)) {
            await().atMost(LONG).until(() -> writers.count() > transactions);
            writers.close();

            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(setting.firstDeliveries()).isEqualTo(writers.committed));
        }
    }

    @Test
    void aBrokerThatIsAway_parksNothing_andEverythingArrivesWhenItIsBack() {
        Relay relay = setting.startRelay();
        setting.broker.stop();
        for (int i = 0; i < 500; i++) {
            setting.publish("k" + i % 7);
        }
        await().atMost(LONG).until(() -> status(relay).circuitCause().isPresent());
        setting.broker.start();

        await().atMost(LONG).until(() -> setting.arrivedIds().size() == 500);
        assertThat(status(relay).parked()).isZero();
        assertThat(status(relay).deadLetters()).isZero();
        assertThat(setting.firstDeliveries().values())
                .allSatisfy(
                        list -> assertThat(list.stream().map(Integer::valueOf)).isSorted());
    }

    @Test
    void retention_keepsPublishedMessagesForATimeAndThenDeletesThem() {
        setting.broker.refuse("refused", PublishOutcome.rejectedForNow(new IllegalStateException("full")));
        Relay relay = setting.start(setting.relay(setting.broker.publisher()).retention(Duration.ofSeconds(3)));
        String id = setting.transactions.inTransaction(connection ->
                setting.outbox.publish(connection, setting.message("a").build()));
        String parked = setting.transactions.inTransaction(connection -> setting.outbox.publish(
                connection, setting.message("refused", "b").build()));
        await().atMost(LONG).until(() -> status(relay).parked() == 1);
        setting.broker.accept("refused");

        await().atMost(LONG).until(() -> setting.store.archived(id).size() == 1);
        await().atMost(LONG).until(() -> setting.store.archived(parked).size() == 1);
        await().atMost(LONG)
                .until(() -> setting.store.archived(id).isEmpty()
                        && setting.store.archived(parked).isEmpty());
    }

    @Test
    void stop_waitsForWhatIsInFlightAndGivesTheLeasesBack() {
        InProcessPublisher publisher = setting.broker.publisher();
        Relay relay = setting.start(setting.relay(publisher));
        publisher.holdConfirmations();
        setting.publish("a");
        await().atMost(LONG).until(() -> publisher.outstanding() == 1);
        Thread releaser = new Thread(publisher::releaseConfirmations);
        releaser.start();

        assertThat(relay.stop(Duration.ofSeconds(10))).isTrue();

        assertThat(setting.store.oldestWaiting("default")).isEmpty();
        Relay next = setting.start(setting.relay(setting.broker.publisher()).leaseTime(Duration.ofMinutes(10)));
        await().atMost(LONG).until(() -> status(next).leases().size() == 64);
    }

    @Test
    void stop_withoutConfirmationsInTime_saysSoAndLosesNothing() {
        InProcessPublisher publisher = setting.broker.publisher();
        Relay relay = setting.start(setting.relay(publisher));
        publisher.holdConfirmations();
        setting.publish("a");
        await().atMost(LONG).until(() -> publisher.outstanding() == 1);

        assertThat(relay.stop(Duration.ofMillis(50))).isFalse();

        setting.startRelay();
        await().atMost(LONG).until(() -> setting.arrived().size() == 2);
        assertThat(setting.arrivedIds()).hasSize(1);
    }

    @Test
    void stop_byAThreadThatIsInterrupted_waitsNoLongerAndGivesTheLeasesBack() {
        InProcessPublisher publisher = setting.broker.publisher();
        Relay relay = setting.start(setting.relay(publisher).leaseTime(Duration.ofMinutes(10)));
        publisher.holdConfirmations();
        setting.publish("a");
        await().atMost(LONG).until(() -> publisher.outstanding() == 1);

        Thread.currentThread().interrupt();
        boolean drained = relay.stop(Duration.ofMinutes(10));

        assertThat(Thread.interrupted()).isTrue();
        assertThat(drained).isFalse();
        setting.startRelay();
        await().atMost(LONG).until(() -> setting.arrived().size() == 2);
        assertThat(setting.arrivedIds()).hasSize(1);
    }

    @Test
    void largePayloadsAmongSmallOnes_arriveWholeAndInOrder() {
        for (int i = 0; i < 60; i++) {
            byte[] payload = new byte[i % 5 == 0 ? 900_000 : 10];
            payload[payload.length - 1] = (byte) i;
            setting.transactions.inTransaction(connection -> setting.outbox.publish(
                    connection, setting.message("a").payload(payload).build()));
        }
        Relay relay = setting.start(setting.relay(setting.broker.publisher()).maxInFlightBytes(2 * 1024 * 1024));

        await().atMost(LONG).until(() -> setting.arrived().size() == 60);
        List<Integer> last = setting.arrived().stream()
                .map(message -> (int) message.payload()[message.payload().length - 1])
                .toList();
        assertThat(last).isSorted();
        await().atMost(LONG).until(() -> status(relay).inFlight() == 0);
    }

    @Test
    void deliverAt_isNotBeforeItsTimeOnTheDatabasesClock() {
        setting.startRelay();
        Instant due = Instant.now().plusSeconds(2);
        setting.transactions.inTransaction(connection -> setting.outbox.publish(
                connection, setting.message("a").deliverAt(due).build()));

        await().atMost(LONG).until(() -> setting.arrived().size() == 1);
        assertThat(Instant.now()).isAfter(due);
    }

    private static ChannelStatus status(Relay relay) {
        return relay.status().channel("default");
    }
}
