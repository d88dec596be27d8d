package io.outbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.Lease;
import io.outbox.spi.LeaseView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

/**
 * What every {@link io.outbox.spi.LeaseStore} must do.
 *
 * @param <T> the handle of a caller's transaction
 */
public abstract class LeaseStoreContract<T> extends StoreContract<T> {
    private static final Duration SHORT = Duration.ofMillis(300);

    /** For subclasses. */
    protected LeaseStoreContract() {}

    @Test
    void join_makesAFreeLeaseForEachShard() {
        LeaseView view = joined("a");

        assertThat(view.relays()).containsExactly("a");
        assertThat(view.leases()).hasSize(store().shards()).allMatch(lease -> lease.owner() == null);
        assertThat(view.leases()).extracting(Lease::shard).isSorted();
    }

    @Test
    void claim_takesFreeShardsAndRaisesTheirEpoch() {
        List<Lease> free = joined("a").leases();
        List<Lease> taken = store().claim(CHANNEL, "a", free.subList(0, 2));

        assertThat(taken).extracting(Lease::shard).containsExactlyInAnyOrder(0, 1);
        assertThat(taken)
                .allSatisfy(lease -> assertThat(lease.epoch())
                        .isGreaterThan(free.get(lease.shard()).epoch()));
        assertThat(beat("a").leases().subList(0, 2)).containsExactlyInAnyOrderElementsOf(taken);
    }

    @Test
    void claim_withAnEpochThatIsOver_takesNothing() {
        List<Lease> seen = joined("a").leases();
        joined("b");
        store().claim(CHANNEL, "a", seen.subList(0, 1));
        store().release(CHANNEL, "a", Set.of(0));

        assertThat(store().claim(CHANNEL, "b", seen.subList(0, 1))).isEmpty();
    }

    @Test
    void claim_ofALivingRelaysShard_takesNothing() {
        store().claim(CHANNEL, "a", joined("a").leases());

        assertThat(store().claim(CHANNEL, "b", joined("b").leases())).isEmpty();
    }

    @Test
    void claim_bySeveralAtOnce_givesEachShardToOne() throws InterruptedException {
        ConcurrentLinkedQueue<Lease> won = new ConcurrentLinkedQueue<>();
        List<Thread> threads = new ArrayList<>();
        for (String relay : List.of("a", "b", "c")) {
            List<Lease> free = joined(relay).leases();
            threads.add(new Thread(() -> won.addAll(store().claim(CHANNEL, relay, free))));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(won).extracting(Lease::shard).doesNotHaveDuplicates().hasSize(store().shards());
    }

    @Test
    void release_freesOwnShardsOnly() {
        store().claim(CHANNEL, "a", joined("a").leases());
        joined("b");
        store().release(CHANNEL, "b", Set.of(0));
        store().release(CHANNEL, "a", Set.of(1));

        List<Lease> leases = beat("b").leases();
        assertThat(leases.get(0).owner()).isEqualTo("a");
        assertThat(leases.get(1).owner()).isNull();
    }

    @Test
    void leave_freesEverythingAndMayBeRepeated() {
        store().claim(CHANNEL, "a", joined("a").leases());
        store().leave(CHANNEL, "a");
        store().leave(CHANNEL, "a");

        assertThat(store().heartbeat(CHANNEL, "a", LONG_LEASE)).isEmpty();
        assertThat(joined("b").relays()).containsExactly("b");
        assertThat(store().claim(CHANNEL, "b", beat("b").leases())).hasSize(store().shards());
    }

    @Test
    void anExpiredRelay_isNoLongerThere_andItsShardsCanBeTaken() {
        store().join(CHANNEL, "a", SHORT);
        store().claim(CHANNEL, "a", beat("a", SHORT).leases());
        joined("b");

        await().until(() -> beat("b").relays(), relays -> !relays.contains("a"));
        assertThat(store().heartbeat(CHANNEL, "a", SHORT)).isEmpty();
        assertThat(store().claim(CHANNEL, "b", beat("b").leases())).hasSize(store().shards());
    }

    @Test
    void channels_haveLeasesOfTheirOwn() {
        store().claim(CHANNEL, "a", joined("a").leases());
        store().join("elsewhere", "b", LONG_LEASE);
        LeaseView view = store().heartbeat("elsewhere", "b", LONG_LEASE).orElseThrow();

        assertThat(view.relays()).containsExactly("b");
        assertThat(view.leases()).hasSize(store().shards()).allMatch(lease -> lease.owner() == null);
    }

    private LeaseView joined(String relay) {
        store().join(CHANNEL, relay, LONG_LEASE);
        return beat(relay);
    }

    private LeaseView beat(String relay) {
        return beat(relay, LONG_LEASE);
    }

    private LeaseView beat(String relay, Duration leaseTime) {
        return store().heartbeat(CHANNEL, relay, leaseTime).orElseThrow();
    }
}
