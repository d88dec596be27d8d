package io.outbox.relay;

import io.outbox.spi.Lease;
import io.outbox.spi.LeaseStore;
import io.outbox.spi.LeaseView;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Lease state under all interleavings of heartbeats, readers, another relay and the end that Lincheck finds. */
public class LeasesInterleavingsTest {
    private static final int SHARDS = 4;

    private final Store store = new Store();
    private volatile Set<Integer> told = Set.of();
    private final Leases leases =
            new Leases(store, "c", WindowTest.settings(RetryPolicy.defaults()), shard -> true, now -> told = now);
    private volatile boolean closed;

    /** Leases in memory. */
    private static final class Store implements LeaseStore {
        private final TreeSet<String> relays = new TreeSet<>();
        private final Map<Integer, Lease> leases = new TreeMap<>();

        Store() {
            for (int shard = 0; shard < SHARDS; shard++) {
                leases.put(shard, new Lease(shard, null, 0));
            }
        }

        @Override
        public synchronized void join(String channel, String relayId, Duration leaseTime) {
            relays.add(relayId);
        }

        @Override
        public synchronized Optional<LeaseView> heartbeat(String channel, String relayId, Duration leaseTime) {
            return relays.contains(relayId)
                    ? Optional.of(new LeaseView(new TreeSet<>(relays), List.copyOf(leases.values())))
                    : Optional.empty();
        }

        @Override
        public synchronized List<Lease> claim(String channel, String relayId, Collection<Lease> wanted) {
            List<Lease> taken = new ArrayList<>();
            for (Lease seen : wanted) {
                Lease now = leases.get(seen.shard());
                boolean isFree = now.owner() == null || !relays.contains(now.owner());
                if (relays.contains(relayId) && now.epoch() == seen.epoch() && isFree) {
                    Lease mine = new Lease(seen.shard(), relayId, seen.epoch() + 1);
                    leases.put(seen.shard(), mine);
                    taken.add(mine);
                }
            }
            return taken;
        }

        @Override
        public synchronized void release(String channel, String relayId, Set<Integer> shards) {
            leases.replaceAll((shard, lease) -> shards.contains(shard) && relayId.equals(lease.owner())
                    ? new Lease(shard, null, lease.epoch() + 1)
                    : lease);
        }

        @Override
        public synchronized void leave(String channel, String relayId) {
            release(channel, relayId, leases.keySet());
            relays.remove(relayId);
        }

        synchronized Set<Integer> ownedBy(String relayId) {
            Set<Integer> owned = new TreeSet<>();
            leases.forEach((shard, lease) -> {
                if (relayId.equals(lease.owner())) {
                    owned.add(shard);
                }
            });
            return owned;
        }

        synchronized Set<String> ours() {
            Set<String> ours = new TreeSet<>(relays);
            ours.remove("other");
            return ours;
        }

        synchronized void expireAllButTheOther() {
            relays.retainAll(Set.of("other"));
        }
    }

    @Operation
    public void heartbeat() {
        leases.heartbeat();
    }

    @Operation
    public void look() {
        Map<Integer, Long> readable = leases.readable();
        require(readable.size() <= SHARDS, "too many shards");
        leases.held();
        leases.isSettled();
        leases.relayId();
    }

    @Operation(nonParallelGroup = "other")
    public void theOtherComesAndTakes() {
        store.join("c", "other", Duration.ofSeconds(1));
        store.heartbeat("c", "other", Duration.ofSeconds(1))
                .ifPresent(view -> store.claim("c", "other", view.leases()));
    }

    @Operation(nonParallelGroup = "other")
    public void theOtherLeaves() {
        store.leave("c", "other");
    }

    @Operation
    public void theHeartbeatExpires() {
        store.expireAllButTheOther();
    }

    @Operation
    public void leave() {
        leases.leave();
    }

    @Operation
    public void close() {
        leases.close();
        closed = true;
    }

    @Validate
    public void itKnowsWhatItHas() {
        leases.heartbeat();
        if (closed) {
            require(leases.held().isEmpty() && leases.readable().isEmpty(), "has shards after its end");
            require(store.ours().isEmpty(), "is entered after its end: " + store.ours());
            return;
        }
        leases.heartbeat(); // the first may have found that it had expired
        leases.heartbeat();
        String id = leases.relayId();
        require(id != null, "has not come back");
        require(store.ownedBy(id).equals(leases.held()), "owns " + store.ownedBy(id) + ", believes " + leases.held());
        require(told.equals(leases.held()), "told " + told + ", has " + leases.held());
        require(store.ours().size() == 1, "is entered more than once: " + store.ours());
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException(what);
        }
    }

    /** The window asks for leases under its lock, so leases must not ask the window under theirs. */
    @Test
    void whetherAShardIsDrained_isAskedWithoutALock() {
        Store shared = new Store();
        AtomicReference<Leases> self = new AtomicReference<>();
        AtomicInteger asked = new AtomicInteger();
        self.set(new Leases(
                shared,
                "c",
                WindowTest.settings(RetryPolicy.defaults()),
                shard -> {
                    asked.incrementAndGet();
                    return CompletableFuture.supplyAsync(() -> self.get().held())
                            .orTimeout(10, TimeUnit.SECONDS)
                            .join()
                            .contains(shard);
                },
                now -> {}));
        self.get().heartbeat();
        shared.join("c", "other", Duration.ofSeconds(1));
        self.get().heartbeat();

        require(asked.get() == SHARDS / 2, "shards that were given back: " + asked);
        require(
                self.get().held().size() == SHARDS / 2,
                "shards that were kept: " + self.get().held());
    }

    @Test
    void noInterleaving_leavesALeaseBehindOrBelievesInOneThatIsGone() {
        new ModelCheckingOptions()
                .threads(3)
                .actorsBefore(2)
                .actorsPerThread(2)
                .actorsAfter(0)
                .iterations(Integer.getInteger("outbox.interleavings", 2))
                .invocationsPerIteration(100)
                .minimizeFailedScenario(false)
                .check(LeasesInterleavingsTest.class);
    }
}
