package io.outbox.jdbc;

import static java.util.Objects.requireNonNull;

import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedState;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Finds parked messages to be published, at a cost that does not depend on how many are parked.
 *
 * <p>A message with a key is due when it is the first blocking one of its key and its time has come. Two searches find
 * these, since either would be slow alone: the retries whose time has come, in that order, tell at once which of a hundred
 * thousand keys wants its next attempt; the walk from key to key finds the first message of each even where a million
 * others, just as due, stand behind it. The walk takes a bounded number of keys and goes on from there the next time.
 */
final class DueTable {
    private static final int WINDOWS = 5;
    private static final int KEYS = 2048;
    private static final int MIN_KEYS_PER_SHARD = 32;

    // Index parked_free twice and parked_retry (H2: parked_due), each from the longest due on; parked_key tells whether
    // an earlier message stands before a retry. Of many retries only a window is looked at, since they may all be of
    // one key, or of shards that are not ours; what it misses the walk finds.
    static final String FREE = """
            {part} select parked_id, not_before from {parked}
                where channel = :channel and shard {any:shards} and state = 'SCHEDULED' and not_before <= {started}
                order by not_before {limit:limit} {end}
            union all
            {part} select parked_id, not_before from {parked}
                where channel = :channel and shard {any:shards} and state in ('RETRY', 'BEHIND')
                and message_key is null and not_before <= {started}
                order by not_before {limit:limit} {end}
            union all
            {part} select parked_id, not_before from (
                select channel, shard, message_key, message_seq, parked_id, not_before from {parked}
                where channel = :channel and state = 'RETRY' and message_key is not null and not_before <= {started}
                order by not_before {limit:window}) p
            where shard {any:shards} and not exists (select 1 from {parked} e
                where e.channel = p.channel and e.shard = p.shard
                and {letters:e.message_key} = {letters:p.message_key}
                and e.message_key is not null and e.state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING')
                and e.message_seq <= p.message_seq
                and (e.message_seq < p.message_seq or e.parked_id < p.parked_id))
            order by not_before {limit:limit} {end}
            """;

    // Primary key, by the list.
    private static final String LOAD = "select " + ParkedRow.SELECTED
            + " from {parked} where parked_id {any:ids} and state in ('SCHEDULED', 'RETRY', 'BEHIND') order by parked_id";

    // Index parked_key, from the head on. A dead letter that blocks is taken along as the end.
    private static final String BEHIND = "select " + ParkedRow.SELECTED + """
             from {parked}
            where channel = :channel and shard = :shard
            and {letters:message_key} = {letters::key} and message_key is not null
            and state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING') and message_seq > :after
            order by message_seq, parked_id {limit:limit}
            """;

    private final Dialect dialect;
    private final Sql free;
    private final Sql heads;
    private final @Nullable Sql hasBlocking;
    private final Sql load;
    private final Sql behind;
    private final DurableReads durable;
    /** For each channel the key from which the walk goes on; losing it, or two walks at once, cost only time. */
    private final Map<String, String> walkedTo = new ConcurrentHashMap<>();

    DueTable(Dialect dialect, TableNames names) {
        this.dialect = dialect;
        free = dialect.byKey(dialect.free(), names);
        heads = dialect.byKey(dialect.heads(), names);
        String blocking = dialect.hasBlocking();
        hasBlocking = blocking == null ? null : dialect.byKey(blocking, names);
        load = dialect.byKey(LOAD, names);
        behind = dialect.byKey(BEHIND, names);
        durable = new DurableReads(dialect, names);
    }

    List<ParkedMessage> due(Connection connection, String channel, Set<Integer> shards, int limit) throws SQLException {
        Map<Long, Instant> found = new HashMap<>();
        addFree(connection, channel, shards, limit, found);
        String from = walkedTo.getOrDefault(channel, "");
        addHeads(connection, channel, shards, from, found);
        return load(connection, found, limit);
    }

    /** The first of the two searches alone. */
    List<ParkedMessage> dueWhileNothingBlocks(Connection connection, String channel, Set<Integer> shards, int limit)
            throws SQLException {
        Map<Long, Instant> found = new HashMap<>();
        addFree(connection, channel, shards, limit, found);
        return load(connection, found, limit);
    }

    private List<ParkedMessage> load(Connection connection, Map<Long, Instant> found, int limit) throws SQLException {
        long[] ids = found.entrySet().stream()
                .sorted(Map.Entry.<Long, Instant>comparingByValue().thenComparing(Map.Entry.comparingByKey()))
                .limit(limit)
                .mapToLong(Map.Entry::getKey)
                .toArray();
        if (ids.length == 0) {
            return List.of();
        }
        try (Call call = load.prepare(connection)) {
            List<ParkedMessage> due = durable(connection, ParkedRow.list(call.setLongs("ids", ids), dialect));
            due.sort(Comparator.comparing(ParkedMessage::notBefore).thenComparing(ParkedMessage::parkedId));
            return due;
        }
    }

    private List<ParkedMessage> durable(Connection connection, List<ParkedMessage> found) throws SQLException {
        if (!found.isEmpty()) {
            durable.makeDurable(connection);
        }
        return found;
    }

    private void addFree(
            Connection connection, String channel, Set<Integer> shards, int limit, Map<Long, Instant> found)
            throws SQLException {
        try (Call call = free.prepare(connection);
                ResultSet row = call.set("channel", channel)
                        .setShards("shards", shards)
                        .set("limit", limit)
                        .set("window", WINDOWS * limit)
                        .query()) {
            while (row.next()) {
                found.put(row.getLong(1), dialect.instant(row, 2));
            }
        }
    }

    private void addHeads(
            Connection connection, String channel, Set<Integer> shards, String from, Map<Long, Instant> found)
            throws SQLException {
        int perShard = Math.max(MIN_KEYS_PER_SHARD, KEYS / shards.size());
        String walked = "";
        boolean isEmpty = true;
        try (Call call = walk(connection, channel, shards, from, perShard, perShard * shards.size());
                ResultSet row = call.query()) {
            while (row.next() && walked.isEmpty()) {
                isEmpty = false;
                if (row.getBoolean(4)) {
                    found.put(row.getLong(2), dialect.instant(row, 3));
                }
                if (row.getBoolean(5)) {
                    walked = row.getString(1);
                }
            }
        }
        walkedTo.put(channel, walked);
        if (isEmpty && !from.isEmpty()) {
            addHeads(connection, channel, shards, "", found);
        }
    }

    List<ParkedMessage> behind(Connection connection, ParkedMessage head, int limit) throws SQLException {
        String key = head.message().message().key();
        if (key == null) {
            return List.of();
        }
        try (Call call = behind.prepare(connection)) {
            call.set("channel", head.message().message().channel())
                    .set("shard", head.message().shard())
                    .set("key", requireNonNull(key))
                    .set("after", head.message().id())
                    .set("limit", limit);
            return durable(connection, ParkedRow.list(call, dialect)).stream()
                    .takeWhile(message -> message.state() != ParkedState.DEAD_BLOCKING)
                    .toList();
        }
    }

    /** Where the dialect has no statement for it, one step of the walk, from the first key of each shard. */
    boolean hasBlocking(Connection connection, String channel, Set<Integer> shards) throws SQLException {
        try (Call call = hasBlocking == null
                        ? walk(connection, channel, shards, "", 1, 1)
                        : hasBlocking
                                .prepare(connection)
                                .set("channel", channel)
                                .setShards("shards", shards);
                ResultSet row = call.query()) {
            return row.next();
        }
    }

    private Call walk(Connection connection, String channel, Set<Integer> shards, String after, int perShard, int total)
            throws SQLException {
        return heads.prepare(connection)
                .set("channel", channel)
                .setShards("shards", shards)
                .set("after", after)
                .set("perShard", perShard)
                .set("total", total);
    }
}
