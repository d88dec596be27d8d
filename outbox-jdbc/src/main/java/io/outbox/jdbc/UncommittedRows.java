package io.outbox.jdbc;

import io.outbox.spi.WriterSnapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.LongSupplier;
import java.util.stream.LongStream;

/**
 * Knows which rows of the hot table are written and not committed, on a database that shows such rows to who asks for them
 * and tells nothing else about transactions.
 *
 * <p>Every quarter of a second it lists new ids twice, first with uncommitted rows and then without: what is only in the
 * first list is uncommitted, or has just been deleted, which does no harm. Ids are looked at in two such rounds, since a
 * row may be written a little later than its id was drawn. In between it asks only whether the rows that were uncommitted
 * are visible now, so that each read knows of every commit before it. One for a store, shared by its readers, thread-safe.
 */
final class UncommittedRows {
    private static final long INTERVAL_NANOS = Duration.ofMillis(250).toNanos();
    /** How many ids one round looks at; the next read goes on. */
    private static final int LIMIT = 20_000;
    /** How many uncommitted rows are remembered; behind the last of them nothing counts as known. */
    private static final int MAX_UNCOMMITTED = 1000;

    // Primary key, twice.
    private static final String LIST = """
            select id, 0 from {message} where id {any:ids}
            union all
            (select id, 1 from {message} where id > :after and id <= :upTo order by id limit :limit)
            """;

    private final String showUncommitted;
    private final Sql list;
    private final LongSupplier nanoTime;
    /** All fields below are guarded by this. Ids up to here have been looked at twice, up to {@link #lookedAt} once. */
    private long lookedAtTwice;

    private long lookedAt;
    private long[] uncommitted = {};
    private boolean isBehind = true;
    private long lastRound;

    UncommittedRows(String showUncommitted, Dialect dialect, TableNames names, LongSupplier nanoTime) {
        this.showUncommitted = showUncommitted;
        this.nanoTime = nanoTime;
        list = dialect.sql(LIST, names);
    }

    /** Returns what is known after a read that came to an id; on its connection, in auto-commit mode. */
    synchronized WriterSnapshot after(Connection connection, long readTo) throws SQLException {
        if (uncommitted.length > 0) {
            uncommitted = without(uncommitted, list(connection, 0, 0).ids());
        }
        long now = nanoTime.getAsLong();
        if (isBehind || now - lastRound >= INTERVAL_NANOS) {
            lookAt(connection, Math.max(readTo, lookedAt));
            lastRound = now;
        }
        return WriterSnapshot.ofIds(lookedAt + 1, uncommitted);
    }

    private void lookAt(Connection connection, long upTo) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(showUncommitted);
        }
        Ids all = list(connection, lookedAtTwice, upTo);
        long to = all.isFull() ? all.last() : upTo;
        long[] found = without(all.ids(), list(connection, lookedAtTwice, to).ids());
        isBehind = all.isFull();
        if (found.length > MAX_UNCOMMITTED) {
            to = found[MAX_UNCOMMITTED] - 1;
            found = Arrays.copyOf(found, MAX_UNCOMMITTED);
        }
        uncommitted = found;
        lookedAtTwice = Math.min(lookedAt, to);
        lookedAt = to;
    }

    private Ids list(Connection connection, long after, long upTo) throws SQLException {
        try (Call call = list.prepare(connection);
                ResultSet row = call.setLongs("ids", uncommitted)
                        .set("after", after)
                        .set("upTo", upTo)
                        .set("limit", LIMIT)
                        .query()) {
            LongStream.Builder ids = LongStream.builder();
            long last = after;
            int count = 0;
            while (row.next()) {
                ids.add(row.getLong(1));
                if (row.getInt(2) == 1) {
                    last = Math.max(last, row.getLong(1));
                    count++;
                }
            }
            return new Ids(ids.build().sorted().distinct().toArray(), last, count == LIMIT);
        }
    }

    private static long[] without(long[] ids, long[] others) {
        return Arrays.stream(ids)
                .filter(id -> Arrays.binarySearch(others, id) < 0)
                .toArray();
    }

    /** Ids, ascending, the highest of the range, and whether the range may have more. */
    private record Ids(long[] ids, long last, boolean isFull) {}
}
