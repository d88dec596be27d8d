package io.outbox.jdbc;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Oracle Database 19c and newer. Written by its documentation and not tested yet.
 *
 * <p>Reading waits for nobody, and a duplicate key undoes its statement alone. Oracle tells nothing about running
 * transactions to who may not see its system views. An empty text or byte array is null: payloads may be null here, keys
 * are never empty.
 *
 * <p>Times are {@code timestamp(6)} in UTC, which no session's time zone touches.
 */
final class OracleDialect extends Dialect {
    private static final int DUPLICATE = 1;

    /** Table or view, column, user, object. */
    private static final Set<Integer> UNDEFINED = Set.of(942, 904, 1435, 1918, 4043);

    /** Object, index on these columns, column. */
    private static final Set<Integer> ALREADY_THERE = Set.of(955, 1408, 1430);

    /**
     * Busy, deadlock, serialisation, time-out for a lock; killed, not logged on, starting or shutting down, too many
     * sessions or processes, connection lost or reset, listener without the service, read-only, no more room for now.
     */
    private static final Set<Integer> PASSING = Set.of(
            54, 60, 8177, 30006, 4021, 28, 1012, 1033, 1034, 1089, 1090, 1092, 18, 20, 3113, 3114, 3135, 25408, 17002,
            17008, 17410, 17447, 12514, 12516, 12519, 12520, 12528, 12541, 12537, 16000, 16456, 1653, 1654, 1691);

    // Index on processed_at.
    private static final String PURGE = """
            delete from {dedup} where processed_at < {earlier} and rownum <= :limit
            """;

    @Override
    String name() {
        return "oracle";
    }

    /** As Oracle keeps names that are written without quotes; in quotes, since they may be reserved words. */
    @Override
    String identifier(String name) {
        return '"' + name.toUpperCase(Locale.ROOT) + '"';
    }

    @Override
    String index(@Nullable String schema, String name) {
        return schema == null ? identifier(name) : identifier(schema) + "." + identifier(name);
    }

    @Override
    String now() {
        return "sys_extract_utc(systimestamp)";
    }

    @Override
    String plus(String time, String milliseconds) {
        return "(" + time + " + numtodsinterval(" + milliseconds + " / 1000, 'SECOND'))";
    }

    @Override
    String limit(String count) {
        return "fetch first " + count + " rows only";
    }

    @Override
    String part() {
        return "select * from (";
    }

    @Override
    String isThere(String query) {
        return "case when exists (select 1 from " + query + ") then 1 else 0 end";
    }

    @Override
    String size(String column) {
        return "dbms_lob.getlength(" + column + ")";
    }

    /** With the table that a query needs to have. */
    @Override
    String noValues() {
        return "null, cast(null as number), null, null, null, null, null, to_clob(null), cast(null as timestamp),"
                + " cast(null as number), to_blob(null), cast(null as number) from dual";
    }

    @Override
    String any(String parameter) {
        return "in (select item from json_table(" + parameter + ", '$[*]' columns (item varchar2(200) path '$')))";
    }

    @Override
    Lists lists() {
        return Lists.JSON;
    }

    @Override
    int longestList() {
        return 4000;
    }

    /** A text that is selected, and not inserted as it is, has at most 4000 bytes. */
    @Override
    int longestError() {
        return 1000;
    }

    @Override
    String typed(String parameter, String type) {
        return parameter;
    }

    @Override
    String contains(String text, String parameter) {
        return "instr(" + text + ", " + parameter + ") > 0";
    }

    /** FETCH FIRST makes a view, of which nothing can be locked. */
    @Override
    String lockParked() {
        return """
                select parked_id from {parked} where parked_id in (
                    select parked_id from {parked} $WHERE order by parked_id {limit:limit})
                order by parked_id for update
                """;
    }

    @Override
    String snapshot() {
        return "cast(null as varchar2(1))";
    }

    /** A schema is a user, whom somebody else makes. */
    @Override
    @Nullable
    String createSchema(String schema) {
        return null;
    }

    /** An empty text, from which the walk begins, is null. */
    @Override
    String heads() {
        return super.heads().replace("message_key > :after", "(message_key > :after or :after is null)");
    }

    @Override
    String purge() {
        return PURGE;
    }

    /** An empty result is null; a hash never is. */
    @Override
    String result() {
        return super.result().replace("result is not null", "content_hash is not null");
    }

    @Override
    boolean isUndefined(SQLException e) {
        return UNDEFINED.contains(e.getErrorCode());
    }

    @Override
    boolean isDuplicate(SQLException e) {
        return e.getErrorCode() == DUPLICATE;
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
