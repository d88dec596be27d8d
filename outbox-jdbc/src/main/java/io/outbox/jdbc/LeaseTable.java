package io.outbox.jdbc;

import io.outbox.spi.Lease;
import io.outbox.spi.LeaseView;
import io.outbox.spi.StoredMessage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Heartbeats of relays and leases of shards.
 *
 * <p>A relay is alive as long as its row is there. Only an expired row is removed, and removing looks at the newest
 * version of a row, so a renewal and a removal cannot both succeed; since a relay id is never used again, a relay that is
 * gone stays gone. Statements run one by one in auto-commit mode except where noted; where several rows are locked in one
 * transaction, it is by ascending shard.
 */
final class LeaseTable {
    // Primary key.
    private static final String INSERT_RELAY = """
            insert into {relay} (channel, relay_id, expires_at) values (:channel, :relay, {later})
            """;

    // Primary key.
    private static final String RENEW = """
            update {relay} set expires_at = {later}
            where channel = :channel and relay_id = :relay and expires_at > {now}
            """;

    // Primary key.
    private static final String REMOVE = """
            delete from {relay} where channel = :channel and relay_id = :relay
            """;

    // Primary key, by channel: a few rows.
    private static final String RELAYS = """
            select relay_id from {relay} where channel = :channel and expires_at > {now} order by relay_id
            """;

    // Primary key, by channel: one row a shard.
    private static final String LEASES = """
            select shard, owner, epoch from {lease} where channel = :channel order by shard
            """;

    // Primary keys. A relay without a row is dead for good, so it does not matter that the subqueries see the snapshot.
    private static final String CLAIM = """
            update {lease} set owner = :relay, epoch = epoch + 1
            where channel = :channel and shard = :shard and epoch = :epoch
            and (owner is null
                or not exists (select 1 from {relay} r where r.channel = :channel and r.relay_id = owner))
            and exists (select 1 from {relay} r
                where r.channel = :channel and r.relay_id = :relay and r.expires_at > {now})
            """;

    // Primary key.
    private static final String RELEASE = """
            update {lease} set owner = null, epoch = epoch + 1
            where channel = :channel and shard = :shard and owner = :relay
            """;

    // Primary keys; by ascending shard, as everywhere. Whoever takes over waits for the lock.
    private static final String LOCK = """
            select shard from {lease} {locked} where channel = :channel and shard {any:shards} and owner = :relay
            and exists (select 1 from {relay} r
                where r.channel = :channel and r.relay_id = :relay and r.expires_at > {now})
            order by shard {forupdate}
            """;

    private final int shards;
    private final Sql insertRelay;
    private final Sql renew;
    private final Sql removeExpired;
    private final Sql remove;
    private final Sql relays;
    private final Sql leases;
    private final Sql insertLease;
    private final Sql claim;
    private final Sql release;
    private final Sql lock;

    LeaseTable(Dialect dialect, TableNames names, int shards) {
        this.shards = shards;
        insertRelay = dialect.sql(INSERT_RELAY, names);
        renew = dialect.sql(RENEW, names);
        removeExpired = dialect.sql(dialect.removeExpired(), names);
        remove = dialect.sql(REMOVE, names);
        relays = dialect.sql(RELAYS, names);
        leases = dialect.sql(LEASES, names);
        insertLease = dialect.sql(dialect.insertLease(), names);
        claim = dialect.sql(CLAIM, names);
        release = dialect.sql(RELEASE, names);
        lock = dialect.byKey(LOCK, names); // for the statements on messages that follow, too
    }

    /** Adds the lease rows that are missing; in one transaction. */
    void addLeases(Connection connection, String channel) throws SQLException {
        Set<Integer> present = new HashSet<>();
        leases(connection, channel).forEach(lease -> present.add(lease.shard()));
        try (Call call = insertLease.prepare(connection)) {
            for (int shard = 0; shard < shards; shard++) {
                if (!present.contains(shard)) {
                    call.set("channel", channel).set("shard", shard).updateUnlessDuplicate();
                }
            }
        }
    }

    void addRelay(Connection connection, String channel, String relayId, Duration leaseTime) throws SQLException {
        removeExpired(connection, channel, relayId);
        try (Call call = insertRelay.prepare(connection)) {
            call.set("channel", channel)
                    .set("relay", relayId)
                    .set("delay", leaseTime.toMillis())
                    .update();
        }
    }

    Optional<LeaseView> heartbeat(Connection connection, String channel, String relayId, Duration leaseTime)
            throws SQLException {
        try (Call call = renew.prepare(connection)) {
            call.set("channel", channel).set("relay", relayId).set("delay", leaseTime.toMillis());
            if (call.update() == 0) {
                return Optional.empty();
            }
        }
        return Optional.of(new LeaseView(relays(connection, channel), leases(connection, channel)));
    }

    /** In one transaction; {@link #removeExpired} comes before it, in one of its own. */
    List<Lease> claim(Connection connection, String channel, String relayId, Collection<Lease> wanted)
            throws SQLException {
        List<Lease> ordered =
                wanted.stream().sorted(Comparator.comparingInt(Lease::shard)).toList();
        List<Lease> taken = new ArrayList<>();
        try (Call call = claim.prepare(connection)) {
            for (Lease lease : ordered) {
                call.set("channel", channel)
                        .set("relay", relayId)
                        .set("shard", lease.shard())
                        .set("epoch", lease.epoch())
                        .addBatch();
            }
            int[] counts = call.updateBatch();
            if (Arrays.stream(counts).anyMatch(count -> count == Statement.SUCCESS_NO_INFO)) {
                return taken(connection, channel, relayId, ordered); // a driver that rewrites batches
            }
            for (int i = 0; i < counts.length; i++) {
                if (counts[i] == 1) {
                    Lease lease = ordered.get(i);
                    taken.add(new Lease(lease.shard(), relayId, lease.epoch() + 1));
                }
            }
        }
        return taken;
    }

    private List<Lease> taken(Connection connection, String channel, String relayId, List<Lease> wanted)
            throws SQLException {
        Set<Lease> expected = new HashSet<>();
        wanted.forEach(lease -> expected.add(new Lease(lease.shard(), relayId, lease.epoch() + 1)));
        return leases(connection, channel).stream().filter(expected::contains).toList();
    }

    /** In one transaction. */
    void release(Connection connection, String channel, String relayId, Collection<Integer> ofShards)
            throws SQLException {
        try (Call call = release.prepare(connection)) {
            for (int shard : new TreeSet<>(ofShards)) {
                call.set("channel", channel)
                        .set("relay", relayId)
                        .set("shard", shard)
                        .addBatch();
            }
            call.updateBatch();
        }
    }

    /** Gives back what the relay has and removes its row; in one transaction. */
    void leave(Connection connection, String channel, String relayId) throws SQLException {
        List<Integer> owned = leases(connection, channel).stream()
                .filter(lease -> relayId.equals(lease.owner()))
                .map(Lease::shard)
                .toList();
        release(connection, channel, relayId, owned);
        try (Call call = remove.prepare(connection)) {
            call.set("channel", channel).set("relay", relayId).update();
        }
    }

    /** Holds the leases of the messages' shards until the transaction ends; false when the relay has not got them all. */
    boolean lock(Connection connection, String relayId, Collection<StoredMessage> messages) throws SQLException {
        SortedMap<String, Set<Integer>> shardsOf = new TreeMap<>();
        for (StoredMessage message : messages) {
            shardsOf.computeIfAbsent(message.message().channel(), channel -> new HashSet<>())
                    .add(message.shard());
        }
        for (Map.Entry<String, Set<Integer>> channel : shardsOf.entrySet()) {
            if (!lock(connection, channel.getKey(), relayId, channel.getValue())) {
                return false;
            }
        }
        return true;
    }

    private boolean lock(Connection connection, String channel, String relayId, Set<Integer> ofShards)
            throws SQLException {
        try (Call call = lock.prepare(connection);
                ResultSet row = call.set("channel", channel)
                        .set("relay", relayId)
                        .setShards("shards", ofShards)
                        .query()) {
            int count = 0;
            while (row.next()) {
                count++;
            }
            return count == ofShards.size();
        }
    }

    void removeExpired(Connection connection, String channel, String relayId) throws SQLException {
        try (Call call = removeExpired.prepare(connection)) {
            call.set("channel", channel).set("relay", relayId).update();
        }
    }

    private SortedSet<String> relays(Connection connection, String channel) throws SQLException {
        SortedSet<String> found = new TreeSet<>();
        try (Call call = relays.prepare(connection);
                ResultSet row = call.set("channel", channel).query()) {
            while (row.next()) {
                found.add(row.getString(1));
            }
        }
        return found;
    }

    private List<Lease> leases(Connection connection, String channel) throws SQLException {
        List<Lease> found = new ArrayList<>();
        try (Call call = leases.prepare(connection);
                ResultSet row = call.set("channel", channel).query()) {
            while (row.next()) {
                found.add(new Lease(row.getInt(1), row.getString(2), row.getLong(3)));
            }
        }
        found.sort(Comparator.comparingInt(Lease::shard));
        return found;
    }
}
