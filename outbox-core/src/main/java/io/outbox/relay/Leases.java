package io.outbox.relay;

import io.outbox.spi.Lease;
import io.outbox.spi.LeaseStore;
import io.outbox.spi.LeaseView;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The shards that this relay has of one channel. The heartbeat keeps them, takes free ones up to a fair share, and gives
 * surplus ones back when nothing of them is in flight any more.
 *
 * <p>A relay judges its own leases by its own monotonic clock, counted from before the heartbeat was sent, and stops
 * publishing while a margin is left. What it publishes too late all the same, after being stopped in between, repeats
 * messages and harms nothing else: two relays that each publish a key's messages in order, from the first one that is not
 * deleted, make every first delivery in order.
 *
 * <p>Thread-safe: the heartbeat changes it, the reader and the status look at it.
 */
final class Leases {
    private final LeaseStore store;
    private final String channel;
    private final RelaySettings settings;
    private final IntPredicate isDrained;
    private final Consumer<Set<Integer>> onChange;
    /** Held during a heartbeat and while leaving, never together with a wait for another lock than this object's. */
    private final Object beatLock = new Object();

    private boolean closed;

    /** All fields below are guarded by this. */
    private final Map<Integer, Long> epochs = new TreeMap<>();

    private final Set<Integer> draining = new HashSet<>();
    private Set<Integer> reported = Set.of();
    private @Nullable String relayId;
    private long goodUntilNanos;
    private int fairShare;

    Leases(
            LeaseStore store,
            String channel,
            RelaySettings settings,
            IntPredicate isDrained,
            Consumer<Set<Integer>> onChange) {
        this.store = store;
        this.channel = channel;
        this.settings = settings;
        this.isDrained = isDrained;
        this.onChange = onChange;
    }

    /** One heartbeat. */
    void heartbeat() {
        synchronized (beatLock) {
            if (!closed) {
                beat();
            }
        }
    }

    private void beat() {
        String id = relayId();
        if (id == null) {
            id = new UUID(settings.random().nextLong(), settings.random().nextLong()).toString();
            store.join(channel, id, settings.leaseTime());
        }
        long sentAt = settings.ticker().getAsLong();
        Optional<LeaseView> view = store.heartbeat(channel, id, settings.leaseTime());
        if (view.isEmpty()) {
            forget();
        } else {
            adopt(id, view.get(), sentAt);
            claimMissing(id, view.get());
            releaseDrained(id);
        }
        reportChange();
    }

    /** Whether it has its fair share; else shards wait to be given back by this relay, or to be taken from another. */
    synchronized boolean isSettled() {
        return draining.isEmpty() && epochs.size() == fairShare;
    }

    /** Gives everything back; a later heartbeat comes back under a new id. */
    void leave() {
        synchronized (beatLock) {
            String id = relayId();
            forget();
            reportChange();
            if (id != null) {
                store.leave(channel, id);
            }
        }
    }

    /** Gives everything back for good. */
    void close() {
        synchronized (beatLock) {
            closed = true;
            leave();
        }
    }

    /** The shards that may be read and published now, with the epochs of their leases; empty when the lease is running out. */
    synchronized Map<Integer, Long> readable() {
        if (!isGood()) {
            return Map.of();
        }
        Map<Integer, Long> readable = new HashMap<>(epochs);
        readable.keySet().removeAll(draining);
        return readable;
    }

    synchronized boolean isGood() {
        return relayId != null
                && goodUntilNanos - settings.ticker().getAsLong()
                        > settings.sendMargin().toNanos();
    }

    /** Whether a message may be published that was read under this epoch of its shard's lease. */
    synchronized boolean isStillHeld(int shard, @Nullable Long epoch) {
        return isGood() && epoch != null && epoch.equals(epochs.get(shard));
    }

    synchronized boolean holds(int shard) {
        return epochs.containsKey(shard);
    }

    /** The store has said that this relay's leases are gone: the next heartbeat comes back under a new id. */
    synchronized void lost(String id) {
        if (id.equals(relayId)) {
            forget();
        }
    }

    synchronized Set<Integer> held() {
        return Set.copyOf(epochs.keySet());
    }

    synchronized @Nullable String relayId() {
        return relayId;
    }

    private synchronized void forget() {
        relayId = null;
        epochs.clear();
        draining.clear();
    }

    private synchronized void adopt(String id, LeaseView view, long sentAt) {
        relayId = id;
        goodUntilNanos = sentAt + settings.leaseTime().toNanos();
        Map<Integer, Long> owned = new HashMap<>();
        for (Lease lease : view.leases()) {
            if (id.equals(lease.owner())) {
                owned.put(lease.shard(), lease.epoch());
            }
        }
        epochs.clear();
        epochs.putAll(owned);
        draining.retainAll(owned.keySet());
        fairShare = fairShare(id, view);
        int surplus = epochs.size() - fairShare;
        for (int shard : epochs.keySet()) {
            if (draining.size() < surplus) {
                draining.add(shard);
            }
        }
        while (draining.size() > Math.max(0, surplus)) {
            draining.remove(draining.iterator().next());
        }
    }

    private synchronized int missing() {
        return fairShare - epochs.size();
    }

    private void claimMissing(String id, LeaseView view) {
        int missing = missing();
        if (missing <= 0) {
            return;
        }
        List<Lease> free = new ArrayList<>();
        for (Lease lease : view.leases()) {
            if (lease.owner() == null || !view.relays().contains(lease.owner())) {
                free.add(lease);
            }
        }
        Collections.shuffle(free, new Random(settings.random().nextLong()));
        List<Lease> wanted = free.subList(0, Math.min(missing, free.size()));
        if (!wanted.isEmpty()) {
            List<Lease> taken = store.claim(channel, id, wanted);
            synchronized (this) {
                taken.forEach(lease -> epochs.put(lease.shard(), lease.epoch()));
            }
        }
    }

    private void releaseDrained(String id) {
        Set<Integer> surplus;
        synchronized (this) {
            surplus = Set.copyOf(draining); // only heartbeats change it
        }
        // not under this lock: the window asks for leases under its own, and is asked here
        Set<Integer> drained = surplus.stream().filter(isDrained::test).collect(Collectors.toSet());
        if (!drained.isEmpty()) {
            store.release(channel, id, drained);
            synchronized (this) {
                epochs.keySet().removeAll(drained);
                draining.removeAll(drained);
            }
        }
    }

    /** Shards divided by relays; the first ones, by id, take what is left over. */
    private static int fairShare(String id, LeaseView view) {
        int relays = Math.max(1, view.relays().size());
        int rank = view.relays().headSet(id).size();
        int shards = view.leases().size();
        return shards / relays + (rank < shards % relays ? 1 : 0);
    }

    private void reportChange() {
        Set<Integer> now = held();
        if (!now.equals(reported)) {
            reported = now;
            onChange.accept(now);
        }
    }
}
