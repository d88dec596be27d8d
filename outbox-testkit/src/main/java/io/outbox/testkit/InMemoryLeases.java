package io.outbox.testkit;

import io.outbox.spi.Lease;
import io.outbox.spi.LeaseView;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** The leases of an in-memory store. Every call is made with the database's monitor held. */
final class InMemoryLeases {
    private final int shards;
    private final Map<String, Channel> channels = new HashMap<>();

    InMemoryLeases(int shards) {
        this.shards = shards;
    }

    void join(String channel, String relayId, Instant now, Duration leaseTime) {
        channel(channel).heartbeats.put(relayId, now.plus(leaseTime));
    }

    Optional<LeaseView> heartbeat(String channel, String relayId, Instant now, Duration leaseTime) {
        Channel state = channel(channel);
        state.heartbeats.values().removeIf(expiry -> !expiry.isAfter(now));
        if (!state.heartbeats.containsKey(relayId)) {
            return Optional.empty();
        }
        state.heartbeats.put(relayId, now.plus(leaseTime));
        return Optional.of(
                new LeaseView(new TreeSet<>(state.heartbeats.keySet()), List.copyOf(Arrays.asList(state.leases))));
    }

    List<Lease> claim(String channel, String relayId, Instant now, Collection<Lease> seen) {
        Channel state = channel(channel);
        List<Lease> taken = new ArrayList<>();
        if (!state.isAlive(relayId, now)) {
            return taken;
        }
        for (Lease lease : seen) {
            Lease current = state.leases[lease.shard()];
            boolean free = current.owner() == null || !state.isAlive(current.owner(), now);
            if (free && current.epoch() == lease.epoch()) {
                Lease claimed = new Lease(lease.shard(), relayId, current.epoch() + 1);
                state.leases[lease.shard()] = claimed;
                taken.add(claimed);
            }
        }
        return taken;
    }

    void release(String channel, String relayId, Set<Integer> ofShards) {
        Channel state = channel(channel);
        for (int shard : ofShards) {
            state.release(relayId, shard);
        }
    }

    void leave(String channel, String relayId) {
        Channel state = channel(channel);
        for (int shard = 0; shard < shards; shard++) {
            state.release(relayId, shard);
        }
        state.heartbeats.remove(relayId);
    }

    boolean isOwner(String channel, String relayId, int shard, Instant now) {
        Channel state = channel(channel);
        return relayId.equals(state.leases[shard].owner()) && state.isAlive(relayId, now);
    }

    private Channel channel(String name) {
        return channels.computeIfAbsent(name, ignored -> new Channel(shards));
    }

    private static final class Channel {
        private final Map<String, Instant> heartbeats = new TreeMap<>();
        private final Lease[] leases;

        Channel(int shards) {
            leases = new Lease[shards];
            for (int shard = 0; shard < shards; shard++) {
                leases[shard] = new Lease(shard, null, 0);
            }
        }

        boolean isAlive(String relayId, Instant now) {
            Instant expiry = heartbeats.get(relayId);
            return expiry != null && expiry.isAfter(now);
        }

        void release(String relayId, int shard) {
            Lease lease = leases[shard];
            if (relayId.equals(lease.owner())) {
                leases[shard] = new Lease(shard, null, lease.epoch() + 1);
            }
        }
    }
}
