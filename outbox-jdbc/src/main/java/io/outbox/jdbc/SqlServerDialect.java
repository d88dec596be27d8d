package io.outbox.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Set;

/**
 * Microsoft SQL Server 2017 and newer, and Azure SQL. Written by its documentation and not tested yet.
 *
 * <p>Waiting: READ COMMITTED waits for rows that another transaction has written, unless the database has
 * READ_COMMITTED_SNAPSHOT on. The hot table is read past such rows in either case (READPAST, which with that option on is
 * allowed only together with READCOMMITTEDLOCK); a row that was passed over is a late commit. SQL Server tells nothing
 * about running transactions to who may not see the server's state.
 *
 * <p>Texts: a comparison pads with blanks, also under a binary collation. So keys and ids of messages are compared as
 * bytes, by an expression that computed columns and their indexes have, too.
 *
 * <p>A duplicate key undoes its statement alone, unless the caller has set XACT_ABORT.
 */
final class SqlServerDialect extends Dialect {
    private static final String COLLATION = "Latin1_General_100_BIN2";

    /**
     * Deadlock, lock time-out, changed under snapshot isolation, read-only (a secondary after a switch), replica not
     * accessible, server busy or gone (also of Azure), shutdown, out of locks or memory.
     */
    private static final Set<Integer> PASSING = Set.of(
            1205, 1222, 3960, 3906, 976, 978, 979, 983, 4060, 10928, 10929, 40197, 40501, 40613, 49918, 49919, 49920,
            6005, 596, 701, 1204);

    /** Table, column, schema. */
    private static final Set<Integer> UNDEFINED = Set.of(208, 207, 2760);

    /** Object, index, column. */
    private static final Set<Integer> ALREADY_THERE = Set.of(2714, 1913, 2705);

    /** A unique constraint, a unique index. */
    private static final Set<Integer> DUPLICATE = Set.of(2627, 2601);

    // Primary key, by the list, one seek for each of its values; the order of the join is forced.
    private static final String DELETE_MESSAGES = """
            delete gone from (select cast(value as bigint) as id from openjson(:idsAsJson)) listed
            inner loop join {message} gone with (rowlock, readcommittedlock, readpast) on gone.id = listed.id
            """;

    // The same, waiting for who looks at one of them.
    private static final String DELETE_PARKED = """
            delete gone from (select cast(value as bigint) as id from openjson(:idsAsJson)) listed
            inner loop join {parked} gone with (rowlock) on gone.parked_id = listed.id
            """;

    // Primary key, by channel: a few rows.
    private static final String REMOVE_EXPIRED = """
            delete from {relay} with (rowlock) where channel = :channel and relay_id <> :relay and expires_at <= {now}
            """;

    // Index parked_key; walks over all that blocks a key, in the order of bytes.
    private static final String HEADS = """
            select p.message_key, p.parked_id, p.not_before,
                case when p.state <> 'DEAD_BLOCKING' and p.not_before <= {started} then 1 else 0 end as is_due,
                case when :perShard > 0 and row_number() over (order by h.key_bytes) = :total
                    then 1 else 0 end as is_last
            from (select shard, key_bytes, min(message_seq) as message_seq from {parked}
                where channel = :channel and shard {any:shards} and key_bytes > {letters::after}
                and state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING')
                group by shard, key_bytes order by key_bytes {limit:total}) h
            join {parked} p on p.channel = :channel and p.shard = h.shard and p.key_bytes = h.key_bytes
                and p.message_seq = h.message_seq and p.state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING')
            order by h.key_bytes, p.parked_id
            """;

    // Index on processed_at. READPAST: two cleaners share the work.
    private static final String PURGE = """
            delete top (:limit) from {dedup} with (rowlock, readcommittedlock, readpast) where processed_at < {earlier}
            """;

    @Override
    String name() {
        return "sqlserver";
    }

    @Override
    String identifier(String name) {
        return '[' + name + ']';
    }

    @Override
    String now() {
        return "sysutcdatetime()";
    }

    /** In two steps, since a number of milliseconds is an int here, which is 24 days. */
    @Override
    String plus(String time, String milliseconds) {
        return "dateadd(millisecond, (" + milliseconds + ") % 1000, dateadd(second, (" + milliseconds + ") / 1000, "
                + time + "))";
    }

    @Override
    String limit(String count) {
        return "offset 0 rows fetch next " + count + " rows only";
    }

    @Override
    String part() {
        return "select * from (";
    }

    @Override
    String end() {
        return ") part";
    }

    @Override
    String isThere(String query) {
        return "case when exists (select 1 from " + query + ") then 1 else 0 end";
    }

    @Override
    String size(String column) {
        return "datalength(" + column + ")";
    }

    /** As in the script, so that the index is found. */
    @Override
    String letters(String text) {
        return "cast(" + text + " as varbinary(510))";
    }

    @Override
    String noValues() {
        String text = "cast(null as nvarchar(255)), ";
        return text + "cast(null as smallint), " + text.repeat(5) + "cast(null as nvarchar(max)),"
                + " cast(null as datetime2(6)), cast(null as bigint), cast(null as varbinary(max)), cast(null as integer)";
    }

    @Override
    String committed() {
        return "with (rowlock, readcommittedlock, readpast)";
    }

    @Override
    String locked() {
        return "with (rowlock, updlock)";
    }

    @Override
    String forUpdate() {
        return "";
    }

    @Override
    String any(String parameter) {
        return "in (select value collate " + COLLATION + " from openjson(" + parameter + "))";
    }

    @Override
    Lists lists() {
        return Lists.JSON;
    }

    /** Not cast: the driver declares each parameter, and a cast to varchar would cut it off. */
    @Override
    String typed(String parameter, String type) {
        return parameter;
    }

    @Override
    String contains(String text, String parameter) {
        return "charindex(" + parameter + ", " + text + ") > 0";
    }

    @Override
    String snapshot() {
        return "cast(null as varchar(1))";
    }

    @Override
    String lockSchema() {
        return "exec sp_getapplock @Resource = N'io.outbox.jdbc.schema', @LockMode = 'Exclusive',"
                + " @LockOwner = 'Transaction'";
    }

    /** It must be alone in its batch. */
    @Override
    String createSchema(String schema) {
        return "if schema_id(N'" + schema + "') is null exec(N'create schema " + identifier(schema) + "')";
    }

    @Override
    String deleteMessages() {
        return DELETE_MESSAGES;
    }

    @Override
    String deleteParked() {
        return DELETE_PARKED;
    }

    @Override
    String removeExpired() {
        return REMOVE_EXPIRED;
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
    boolean isUndefined(SQLException e) {
        return UNDEFINED.contains(e.getErrorCode());
    }

    @Override
    boolean isDuplicate(SQLException e) {
        return DUPLICATE.contains(e.getErrorCode());
    }

    @Override
    boolean isAlreadyThere(SQLException e) {
        return ALREADY_THERE.contains(e.getErrorCode());
    }

    @Override
    boolean isPassing(SQLException e) {
        return PASSING.contains(e.getErrorCode());
    }

    @Override
    void setInstant(PreparedStatement statement, int index, Instant value) throws SQLException {
        statement.setObject(index, LocalDateTime.ofInstant(value, ZoneOffset.UTC));
    }

    @Override
    Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, LocalDateTime.class).toInstant(ZoneOffset.UTC);
    }
}
