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
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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
    // transactions, the highest id and the messages. The first part gives one row, without a message. The second is no
    // derived table, which MariaDB would write to disk first, payloads and all.
    private static final String READ = """
            select {snapshot} as snapshot,
                (select id from {message} {committed} where id > :after order by id desc {first}) as id, {novalues}
            union all
            {part} select null as snapshot, id, $SELECTED, $BLOCKED as blocked
                from {message} m {committed} where id > :after and channel = :channel and shard {any:shards}
                order by id {limit:limit} {end}
            """;

    // Primary key, a bounded range.
    private static final String IDS_BETWEEN = """
            select id from {message} {committed}
            where id > :after and id <= :upTo and channel = :channel and shard {any:shards}
            order by id {limit:limit}
            """;

    // Primary key, by the list.
    private static final String LOAD = """
            select {snapshot} as snapshot, 0 as id, {novalues}
            union all
            {part} select null as snapshot, id, $SELECTED, $BLOCKED as blocked
                from {message} m {committed} where id {any:ids} {end}
            """;

    // Index parked_key: whether the message's key has a blocking message; nothing to look for without a key.
    private static final String BLOCKED = """
            {parked} p
            where p.channel = m.channel and p.shard = m.shard and {letters:p.message_key} = {letters:m.message_key}
            and p.message_key is not null and p.state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING')""";

    // Primary key, from the last answer on, up to the channel's first message or the end of the window.
    private static final String OLDEST = """
            select id, created_at, {now} from (
                select id, channel, created_at from {message} {committed}
                where id > :after order by id {limit:window}) w
            where channel = :channel order by id {first}
            """;

    // Primary key, the same range.
    private static final String WINDOW_END = """
            select max(id) from (
                select id from {message} {committed} where id > :after order by id {limit:window}) w
            """;

    /** How many messages of other channels are passed over in one search for a channel's oldest. */
    private static final int WINDOW = 500_000;

    /** How far below the last answer the next search begins, for messages that were committed late. */
    private static final int LATE = 10_000;

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
    private final Sql windowEnd;
    private final @Nullable UncommittedRows uncommitted;
    private final DurableReads durable;
    /** For each channel the id below which no message of it was found; losing it costs only time. */
    private final Map<String, Long> searchedTo = new ConcurrentHashMap<>();

    HotTable(Dialect dialect, TableNames names, int shards) {
        this.dialect = dialect;
        this.shards = shards;
        insert = dialect.sql(INSERT, names);
        read = dialect.byKey(filled(READ, "0"), names);
        readBlocked = dialect.byKey(filled(READ, dialect.isThere(BLOCKED)), names);
        idsBetween = dialect.byKey(IDS_BETWEEN, names);
        load = dialect.byKey(filled(LOAD, dialect.isThere(BLOCKED)), names);
        delete = dialect.byKey(dialect.deleteMessages(), names);
        oldest = dialect.byKey(OLDEST, names);
        windowEnd = dialect.byKey(WINDOW_END, names);
        String showUncommitted = dialect.showUncommitted();
        uncommitted =
                showUncommitted == null ? null : new UncommittedRows(showUncommitted, dialect, names, System::nanoTime);
        durable = new DurableReads(dialect, names);
    }

    private static String filled(String template, String blocked) {
        return template.replace("$SELECTED", MessageRow.SELECTED).replace("$BLOCKED", blocked);
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
            ReadResult result = withWriters(result(call, request.afterId()), connection, request.limit());
            // not only for messages: ids that were lost are given again, behind a cursor that has passed them
            if (result.topId() > request.afterId()) {
                durable.makeDurable(connection);
            }
            return result;
        }
    }

    private ReadResult withWriters(ReadResult read, Connection connection, int limit) throws SQLException {
        if (uncommitted == null) {
            return read;
        }
        int count = read.messages().size();
        long readTo = count == 0 || count < limit
                ? read.topId()
                : read.messages().get(count - 1).id();
        return new ReadResult(read.messages(), read.blocked(), read.topId(), uncommitted.after(connection, readTo));
    }

    ReadResult load(Connection connection, long[] ids) throws SQLException {
        try (Call call = load.prepare(connection)) {
            call.setLongs("ids", ids).set("maxPayload", Integer.MAX_VALUE);
            ReadResult result = withWriters(result(call, 0), connection, ids.length);
            if (!result.messages().isEmpty()) {
                durable.makeDurable(connection);
            }
            return result;
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

    /** Goes on where it ended the last time: a channel without backlog must not pay for the backlog of another. */
    Optional<Duration> oldestWaiting(Connection connection, String channel) throws SQLException {
        long after = Math.max(0, searchedTo.getOrDefault(channel, 0L) - LATE);
        try (Call call = oldest.prepare(connection);
                ResultSet row = call.set("after", after)
                        .set("window", WINDOW)
                        .set("channel", channel)
                        .query()) {
            if (row.next()) {
                searchedTo.put(channel, row.getLong(1));
                return Optional.of(Duration.between(dialect.instant(row, 2), dialect.instant(row, 3)));
            }
        }
        try (Call call = windowEnd.prepare(connection);
                ResultSet row = call.set("after", after).set("window", WINDOW).query()) {
            row.next();
            searchedTo.merge(channel, row.getLong(1), Math::max);
        }
        return Optional.empty();
    }
}
