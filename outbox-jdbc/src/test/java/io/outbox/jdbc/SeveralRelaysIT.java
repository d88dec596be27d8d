package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.relay.Relay;
import io.outbox.testkit.servers.TestServers;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Several relays on a real PostgreSQL: how soon they share, whose clocks count, and what commits late. */
@Timeout(120)
class SeveralRelaysIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration LEASE = Duration.ofSeconds(4);
    private static final long HOUR_NANOS = Duration.ofHours(1).toNanos();

    private final RelaySetting setting = new RelaySetting(TestServers.postgres().createDatabase());

    @AfterEach
    void close() {
        setting.close();
    }

    @Test
    void oneRelayMoreAndOneLess_areSharedWithinTwoLeaseTerms() {
        Relay first = setting.start(relay());
        Relay second = setting.start(relay());
        awaitShares(LONG, first, second);

        Relay third = setting.start(relay());
        awaitShares(LEASE.multipliedBy(2), first, second, third);
        third.stop(Duration.ofSeconds(5));
        awaitShares(LEASE.multipliedBy(2), first, second);
    }

    @Test
    void aRelayThatDied_isReplacedWithinTwoLeaseTerms() {
        ScheduledExecutorService process = Executors.newScheduledThreadPool(6);
        Relay dying = setting.start(relay().executor(process));
        Relay other = setting.start(relay());
        awaitShares(LONG, dying, other);

        process.shutdownNow();

        awaitShares(LEASE.multipliedBy(2), other);
    }

    @Test
    void relaysWhoseClocksAreHoursApart_shareAndHandOver_keepingEachKeysOrder() throws Exception {
        Relay ahead = setting.start(relay().ticker(() -> System.nanoTime() + HOUR_NANOS));
        Relay behind = setting.start(relay().ticker(() -> System.nanoTime() - HOUR_NANOS));
        awaitShares(LONG, ahead, behind);
        try (KeyedWriters writers = new KeyedWriters(setting, 10, 6)) {
            await().atMost(LONG).until(() -> writers.count() > 500);
            ahead.stop(Duration.ofSeconds(5));
            awaitShares(LEASE.multipliedBy(2), behind);
            int before = writers.count();
            await().atMost(LONG).until(() -> writers.count() > before + 200);
            writers.close();

            await().atMost(LONG)
                    .untilAsserted(() -> assertThat(setting.firstDeliveries()).isEqualTo(writers.committed));
        }
        assertThat(setting.arrived()).hasSameSizeAs(setting.arrivedIds());
    }

    @Test
    void transactionsThatCommitLate_areRelayedWithinASecond_thoughThousandsPassMeanwhile() throws Exception {
        Relay first = setting.start(relay());
        Relay second = setting.start(relay());
        awaitShares(LONG, first, second);
        List<Duration> lateness = new ArrayList<>();
        try (KeyedWriters writers = new KeyedWriters(setting, 20, 6)) {
            List<Connection> open = new ArrayList<>();
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 5; i++) {
                Connection late = setting.dataSource.getConnection();
                late.setAutoCommit(false);
                ids.add(setting.outbox.publish(
                        late, setting.message("late-" + i).build()));
                open.add(late);
            }
            await().atMost(LONG).until(() -> writers.count() > 2000);
            for (int i = 0; i < open.size(); i++) {
                lateness.add(commitAndAwait(open.get(i), ids.get(i)));
            }
        }
        Collections.sort(lateness);
        assertThat(lateness.get(lateness.size() / 2)).isLessThan(Duration.ofSeconds(1));
    }

    private Duration commitAndAwait(Connection late, String id) throws SQLException {
        late.commit();
        late.close();
        Instant committed = Instant.now();
        await().pollInterval(Duration.ofMillis(10))
                .atMost(LONG)
                .until(() -> setting.arrivedIds().contains(id));
        return Duration.between(committed, Instant.now());
    }

    private Relay.Builder relay() {
        return setting.relay(setting.broker.publisher()).leaseTime(LEASE);
    }

    /** The shards are shared as evenly as they can be. */
    private static void awaitShares(Duration limit, Relay... relays) {
        await().atMost(limit).untilAsserted(() -> {
            int sum = 0;
            for (Relay relay : relays) {
                int share = relay.status().channel("default").leases().size();
                assertThat(share).isBetween(64 / relays.length, 64 / relays.length + 1);
                sum += share;
            }
            assertThat(sum).isEqualTo(64);
        });
    }
}
