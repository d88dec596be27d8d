package io.outbox.jdbc;

import io.outbox.spi.WriterSnapshot;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.postgresql.core.BaseConnection;
import org.postgresql.core.TransactionState;

/**
 * PostgreSQL 12 and newer.
 *
 * <p>Isolation: every statement of ours is written for READ COMMITTED, where an UPDATE, DELETE or SELECT FOR UPDATE that
 * waited for a row lock looks at the row again. {@code txid_current()} and {@code txid_current_snapshot()} are used
 * because they are in every version from 12 on.
 */
final class PostgreSqlDialect extends Dialect {
    // With the plan kept: planning anew, PostgreSQL looks for the highest id in the index and passes over a hundred
    // pages of deleted rows each time; an idle poll took 1 to 2 ms, now 0.05. Without jit: a plan that cannot do
    // without what is off here has a cost at which PostgreSQL would compile it.
    private static final String KEEP_TO_KEY = """
            select set_config('enable_seqscan', 'off', true), set_config('enable_bitmapscan', 'off', true),
                set_config('enable_sort', 'off', true), set_config('jit', 'off', true),
                set_config('plan_cache_mode', 'force_generic_plan', true);
            """;

    // Primary key, by the list. A data-modifying WITH runs to its end although nothing reads from it, and sends no
    // rows.
    private static final String DELETE_MESSAGES = """
            with gone as (delete from {message} where id {any:ids})
            select txid_current()
            """;

    // Primary key, by channel: a few rows. SKIP LOCKED: a locked row is being renewed (not expired) or removed by
    // another relay, so nobody waits here while holding a lock; FOR UPDATE looks again at a row that was renewed just
    // now.
    private static final String REMOVE_EXPIRED = """
            delete from {relay} where channel = :channel and relay_id in (
                select relay_id from {relay}
                where channel = :channel and relay_id <> :relay and expires_at <= {now}
                order by relay_id for update skip locked)
            """;

    // Primary key.
    private static final String INSERT_LEASE = """
            insert into {lease} (channel, shard) values (:channel, :shard) on conflict do nothing
            """;

    // Primary key. Waits for another transaction that has the same key uncommitted.
    private static final String RECORD_ONE = """
            insert into {dedup} (consumer_group, message_id) values (:group, :id) on conflict do nothing
            """;

    // Primary key. The ids come sorted, and unnest keeps that: two transactions cannot wait for each other in a circle.
    private static final String RECORD_ALL = """
            insert into {dedup} (consumer_group, message_id) select :group, id from unnest(:ids) as id
            on conflict do nothing returning message_id
            """;

    // Index parked_key, from key to key: one probe for each key, however many messages stand behind its first one.
    private static final String HEADS = """
            with recursive heads as (
                select w.shard, h.message_key, h.parked_id, h.not_before, h.is_due, 1 as n
                from unnest(:shards) as w (shard) cross join lateral (
                    select message_key, parked_id, not_before,
                        state <> 'DEAD_BLOCKING' and not_before <= {started} as is_due
                    from {parked} where channel = :channel and shard = w.shard and message_key > :after
                    and message_key is not null and state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING')
                    order by message_key, message_seq, parked_id limit 1) h
                union all
                select w.shard, h.message_key, h.parked_id, h.not_before, h.is_due, w.n + 1
                from heads w cross join lateral (
                    select message_key, parked_id, not_before,
                        state <> 'DEAD_BLOCKING' and not_before <= {started} as is_due
                    from {parked} where channel = :channel and shard = w.shard and message_key > w.message_key
                    and message_key is not null and state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING')
                    order by message_key, message_seq, parked_id limit 1) h
                where w.n < :perShard)
            select message_key, parked_id, not_before, is_due, n = :perShard as is_last from heads
            order by message_key limit :total
            """;

    // Index on processed_at. SKIP LOCKED: two cleaners share the work.
    private static final String PURGE = """
            delete from {dedup} where ctid = any (array(
                select ctid from {dedup} where processed_at < {earlier}
                order by processed_at limit :limit for update skip locked))
            """;

    @Override
    String name() {
        return "postgresql";
    }

    @Override
    String identifier(String name) {
        return '"' + name + '"';
    }

    @Override
    String now() {
        return "clock_timestamp()";
    }

    @Override
    String started() {
        return "statement_timestamp()";
    }

    @Override
    String plus(String time, String milliseconds) {
        return "(" + time + " + " + milliseconds + " * interval '1 millisecond')";
    }

    @Override
    String any(String parameter) {
        return "= any (" + parameter + ")";
    }

    @Override
    String snapshot() {
        return "cast(txid_current_snapshot() as varchar)";
    }

    /**
     * A table is empty now and has a million rows a minute later. With stale statistics PostgreSQL was seen to fetch the
     * whole backlog by a bitmap, and sort it, for each batch: 40 ms instead of 2. The settings end with the transaction,
     * which is that of the statement behind them, and cost no round trip of their own.
     */
    @Override
    String keepToKey() {
        return KEEP_TO_KEY;
    }

    /** After a failed statement the server answers a COMMIT with a ROLLBACK, which pgjdbc takes for success. */
    @Override
    void requireCommittable(Connection connection) throws SQLException {
        if (!connection.isWrapperFor(BaseConnection.class)) {
            try (Statement statement = connection.createStatement()) {
                statement.execute("select 1"); // fails in such a transaction
            }
        } else if (connection.unwrap(BaseConnection.class).getTransactionState() == TransactionState.FAILED) {
            throw new SQLException("a statement of this transaction has failed, so it cannot be committed", "25P02");
        }
    }

    @Override
    String lockSchema() {
        return "select pg_advisory_xact_lock(hashtext('io.outbox.jdbc.schema'))";
    }

    @Override
    String notifyListeners(TableNames names) {
        return "select pg_notify('" + topic(names) + "', '')";
    }

    /** What is notified and listened for; without the schema, so that it is never too long. */
    static String topic(TableNames names) {
        return names.prefix() + "message";
    }

    @Override
    boolean undoesSchemaChanges() {
        return true;
    }

    /** Less than deadlock_timeout: in a deadlock it is the change of the schema that gives up. */
    @Override
    List<String> waitLess() {
        return List.of("set local lock_timeout = 500");
    }

    @Override
    String deleteMessages() {
        return DELETE_MESSAGES;
    }

    @Override
    String removeExpired() {
        return REMOVE_EXPIRED;
    }

    @Override
    String insertLease() {
        return INSERT_LEASE;
    }

    @Override
    String heads() {
        return HEADS;
    }

    @Override
    String purge() {
        return PURGE;
    }

    @Override
    String recordOne() {
        return RECORD_ONE;
    }

    @Override
    String recordAll() {
        return RECORD_ALL;
    }

    /** 42P01 undefined table, 42703 undefined column, 3F000 invalid schema name. */
    @Override
    boolean isUndefined(SQLException e) {
        return Set.of("42P01", "42703", "3F000").contains(String.valueOf(e.getSQLState()));
    }

    @Override
    boolean isDuplicate(SQLException e) {
        return "23505".equals(e.getSQLState());
    }

    /** 42P06 schema, 42P07 table or index, 42701 column, 42710 other object. */
    @Override
    boolean isAlreadyThere(SQLException e) {
        return Set.of("42P06", "42P07", "42701", "42710").contains(String.valueOf(e.getSQLState()));
    }

    @Override
    boolean isSame(String given, String catalogued) {
        return given.equals(catalogued);
    }

    /** 25006 read only (a standby after a switch), 53 resources, 55P03 lock not available, 57 operator intervention. */
    @Override
    boolean isPassing(SQLException e) {
        String state = String.valueOf(e.getSQLState());
        return state.equals("25006") || state.equals("55P03") || state.startsWith("53") || state.startsWith("57");
    }

    @Override
    void setLongs(PreparedStatement statement, int index, long[] values) throws SQLException {
        statement.setObject(index, values);
    }

    @Override
    void setInts(PreparedStatement statement, int index, Collection<Integer> values) throws SQLException {
        statement.setObject(index, values.stream().mapToInt(Integer::intValue).toArray());
    }

    @Override
    void setStrings(PreparedStatement statement, int index, Collection<String> values) throws SQLException {
        String[] strings = values.toArray(String[]::new);
        statement.setArray(index, statement.getConnection().createArrayOf("varchar", strings));
    }

    /** Reads {@code xmin:xmax:xip,xip}; PostgreSQL lists the running transactions in ascending order. */
    @Override
    WriterSnapshot writers(@Nullable String snapshot) {
        if (snapshot == null) {
            return WriterSnapshot.unknown();
        }
        String[] parts = snapshot.split(":", -1);
        long[] running = parts[2].isEmpty()
                ? new long[0]
                : Arrays.stream(parts[2].split(","))
                        .mapToLong(Long::parseLong)
                        .sorted()
                        .toArray();
        return WriterSnapshot.of(Long.parseLong(parts[1]), running);
    }
}
