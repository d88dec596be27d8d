package io.outbox.jdbc;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Collection;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * H2 2.x with its MVStore, in memory or in a file.
 *
 * <p>A failed statement undoes itself and leaves the transaction open, so a duplicate key is an answer here and no
 * failure. H2 tells nothing about running transactions.
 */
final class H2Dialect extends Dialect {
    private static final int LOCK_TIMEOUT = 50200;
    private static final int CONCURRENT_UPDATE = 90131;
    private static final int CONNECTION_BROKEN = 90067;
    private static final int DATABASE_CLOSED = 90098;
    private static final int DATABASE_CALLED_AT_SHUTDOWN = 90121;
    private static final Set<Integer> PASSING =
            Set.of(LOCK_TIMEOUT, CONCURRENT_UPDATE, CONNECTION_BROKEN, DATABASE_CLOSED, DATABASE_CALLED_AT_SHUTDOWN);
    private static final int SCHEMA_NOT_FOUND = 90079;
    /** Schema, table, index, column, and the internal error that two CREATE INDEX IF NOT EXISTS at once end with (2.5.252). */
    private static final Set<Integer> ALREADY_THERE = Set.of(90078, 42101, 42111, 42121, 50000);
    /** A table that is not there, in three ways of saying so, and a column. */
    private static final Set<String> UNDEFINED = Set.of("42S02", "42S03", "42S04", "42S22");

    @Override
    String name() {
        return "h2";
    }

    /** In the quotes that leave a name's case to the database, as no quotes would, but let it be a reserved word. */
    @Override
    String identifier(String name) {
        return '`' + name + '`';
    }

    @Override
    String index(@Nullable String schema, String name) {
        return schema == null ? identifier(name) : identifier(schema) + "." + identifier(name);
    }

    @Override
    String now() {
        return "current_timestamp";
    }

    @Override
    String plus(String time, String milliseconds) {
        return "dateadd(millisecond, " + milliseconds + ", " + time + ")";
    }

    @Override
    String any(String parameter) {
        return "= any (" + parameter + ")";
    }

    @Override
    String snapshot() {
        return "cast(null as varchar)";
    }

    @Override
    boolean isUndefined(SQLException e) {
        return UNDEFINED.contains(String.valueOf(e.getSQLState())) || e.getErrorCode() == SCHEMA_NOT_FOUND;
    }

    @Override
    boolean isDuplicate(SQLException e) {
        return "23505".equals(e.getSQLState());
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
    void setLongs(PreparedStatement statement, int index, long[] values) throws SQLException {
        Object[] boxed = Arrays.stream(values).boxed().toArray();
        statement.setArray(index, statement.getConnection().createArrayOf("BIGINT", boxed));
    }

    @Override
    void setInts(PreparedStatement statement, int index, Collection<Integer> values) throws SQLException {
        statement.setArray(index, statement.getConnection().createArrayOf("INTEGER", values.toArray()));
    }

    @Override
    void setStrings(PreparedStatement statement, int index, Collection<String> values) throws SQLException {
        statement.setArray(index, statement.getConnection().createArrayOf("VARCHAR", values.toArray()));
    }
}
