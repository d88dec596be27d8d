package io.outbox.jdbc;

import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.ReadResult;
import io.outbox.spi.StoredMessage;
import io.outbox.spi.WriterSnapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The table that messages go through: appended to by callers, read by id and deleted from by the relay.
 *
 * <p>Every statement runs on the connection it is given, in its transaction or in auto-commit mode.
 */
final class HotTable {
    // No index but the primary key to maintain; tx_id, id and created_at come from their defaults.
    private static final String INSERT =
            "insert into {message} (" + MessageRow.COLUMNS + ") values (" + MessageRow.VALUES + ")";

    // Primary key, from the cursor upwards; the highest id from its right end (not by max(), for which PostgreSQL may
    // read all rows if the plan is from when there were none). One statement, hence one snapshot for the running
    // transactions, the highest id and the messages. The first part gives one row, without a message.
    private static final String READ = """
            select {snapshot} as snapshot, (select id from {message} where id > :after order by id desc limit 1) as id,
                null, null, null, null, null, null, null, null, null, null, null, null
            union all
            select null, id, $NAMES, blocked from (
                select id, $SELECTED, $BLOCKED as blocked
                from {message} m where id > :after and channel = :channel and shard {any:shards}
                order by id limit :limit) found
            """;

    // Primary key, a bounded range.
    private static final String IDS_BETWEEN = """
            select id from {message}
            where id > :after and id <= :upTo and channel = :channel and shard {any:shards}
            order by id limit :limit
            """;

    // Primary key, by the list.
    private static final String LOAD = """
            select {snapshot} as snapshot, cast(null as bigint) as id,
                null, null, null, null, null, null, null, null, null, null, null, null
            union all
            select null, id, $NAMES, blocked from (
                select id, $SELECTED, $BLOCKED as blocked
                from {message} m where id {any:ids} order by id) found
            """;

    // Index parked_key: whether the message's key has a blocking message; nothing to look for without a key. Not by
    // EXISTS, for which PostgreSQL may read all blocking messages into a hash table.
    private static final String BLOCKED = """
            (select 1 from {parked} p
                where p.channel = m.channel and p.shard = m.shard and p.message_key = m.message_key
                and p.message_key is not null and p.state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING')
            limit 1) is not null""";

    // Primary key, from the left end to the channel's first message.
    private static final String OLDEST = """
            select created_at, {now} from {message} where channel = :channel order by id limit 1
            """;

    private static final int FIRST = 3;

    private final Dialect dialect;
    private final int shards;
    private final Sql insert;
    private final Sql read;
    private final Sql readBlocked;
    private final Sql idsBetween;
    private final Sql load;
    private final Sql delete;
    private final Sql oldest;

    HotTable(Dialect dialect, TableNames names, int shards) {
        this.dialect = dialect;
        this.shards = shards;
        insert = dialect.sql(INSERT, names);
        read = dialect.byKey(filled(READ, "false"), names);
        readBlocked = dialect.byKey(filled(READ, BLOCKED), names);
        idsBetween = dialect.byKey(IDS_BETWEEN, names);
        load = dialect.byKey(filled(LOAD, BLOCKED), names);
        delete = dialect.byKey(dialect.deleteMessages(), names);
        oldest = dialect.byKey(OLDEST, names);
    }

    private static String filled(String template, String blocked) {
        return template.replace("$NAMES", MessageRow.NAMES)
                .replace("$SELECTED", MessageRow.SELECTED)
                .replace("$BLOCKED", blocked);
    }

    void insert(Connection connection, List<OutboxRecord> messages) throws SQLException {
        try (Call call = insert.prepare(connection)) {
            if (messages.size() == 1) {
                MessageRow.write(call, messages.get(0), messages.get(0).shard(shards));
                call.update();
                return;
            }
            for (OutboxRecord message : messages) {
                MessageRow.write(call, message, message.shard(shards));
                call.addBatch();
            }
            call.updateBatch();
        }
    }

    ReadResult read(Connection connection, ReadRequest request) throws SQLException {
        try (Call call = (request.checkBlocked() ? readBlocked : read).prepare(connection)) {
            call.set("after", request.afterId())
                    .set("channel", request.channel())
                    .setShards("shards", request.shards())
                    .set("limit", request.limit())
                    .set("maxPayload", request.maxPayloadBytes());
            return result(call, request.afterId());
        }
    }

    ReadResult load(Connection connection, long[] ids) throws SQLException {
        try (Call call = load.prepare(connection)) {
            call.setLongs("ids", ids).set("maxPayload", Integer.MAX_VALUE);
            return result(call, 0);
        }
    }

    private ReadResult result(Call call, long afterId) throws SQLException {
        List<StoredMessage> messages = new ArrayList<>();
        Set<Long> blocked = new HashSet<>();
        long topId = afterId;
        @Nullable String snapshot = null;
        try (ResultSet row = call.query()) {
            while (row.next()) {
                long id = row.getLong(2);
                topId = Math.max(topId, id);
                if (row.getString(FIRST) == null) {
                    snapshot = row.getString(1);
                    continue;
                }
                messages.add(MessageRow.read(dialect, row, FIRST, id, 1, null));
                if (row.getBoolean(FIRST + MessageRow.COUNT)) {
                    blocked.add(id);
                }
            }
        }
        // UNION ALL promises no order; sorting what is sorted costs one pass
        messages.sort(Comparator.comparingLong(StoredMessage::id));
        WriterSnapshot writers = dialect.writers(snapshot);
        return new ReadResult(messages, blocked, topId, writers);
    }

    long[] idsBetween(
            Connection connection, String channel, Set<Integer> ofShards, long afterId, long upToId, int limit)
            throws SQLException {
        try (Call call = idsBetween.prepare(connection)) {
            call.set("after", afterId)
                    .set("upTo", upToId)
                    .set("channel", channel)
                    .setShards("shards", ofShards)
                    .set("limit", limit);
            long[] ids = new long[Math.min(limit, 1024)];
            int count = 0;
            try (ResultSet row = call.query()) {
                while (row.next()) {
                    ids = count == ids.length ? Arrays.copyOf(ids, count * 2) : ids;
                    ids[count++] = row.getLong(1);
                }
            }
            return Arrays.copyOf(ids, count);
        }
    }

    OptionalLong delete(Connection connection, long[] ids) throws SQLException {
        try (Call call = delete.prepare(connection)) {
            call.setLongs("ids", ids);
            if (!call.execute()) {
                return OptionalLong.empty();
            }
            try (ResultSet row = call.results()) {
                row.next();
                return OptionalLong.of(row.getLong(1));
            }
        }
    }

    Optional<Duration> oldestWaiting(Connection connection, String channel) throws SQLException {
        try (Call call = oldest.prepare(connection);
                ResultSet row = call.set("channel", channel).query()) {
            return row.next()
                    ? Optional.of(Duration.between(dialect.instant(row, 1), dialect.instant(row, 2)))
                    : Optional.empty();
        }
    }
}
