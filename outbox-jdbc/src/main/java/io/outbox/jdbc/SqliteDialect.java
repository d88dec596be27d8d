package io.outbox.jdbc;

import io.outbox.StoreException;
import io.outbox.spi.WriterSnapshot;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * SQLite 3.35 and newer, in a file with a write-ahead log.
 *
 * <p>Writers: there is one at a time. Whoever begins to write waits, as long as the busy time-out, for the one before to
 * end. Who has read before may not wait: if there was another commit since, its first write fails at once
 * (SQLITE_BUSY_SNAPSHOT). So each transaction of ours begins with a statement that writes, whatever the driver's
 * transaction mode.
 *
 * <p>Late commits: a message's id is drawn while its transaction is the one writer, and AUTOINCREMENT never gives one
 * again that is deleted. So every commit after a read has higher ids than that read saw.
 *
 * <p>Times are microseconds since 1970, in steps of a millisecond where SQLite's clock made them.
 */
final class SqliteDialect extends Dialect {
    /** "SQL error or missing database": our statements are right, so a table or a column is missing. */
    private static final int ERROR = 1;

    /** Busy, locked, interrupted, input or output failed, disk full, locking protocol. */
    private static final Set<Integer> PASSING = Set.of(5, 6, 9, 10, 13, 15);

    /** Every writer that ever was has ended, or will have higher ids. */
    private static final WriterSnapshot NONE = WriterSnapshot.of(0);

    // One row at most. Writes nothing, but is a write: it waits for the lock and keeps it.
    private static final String LOCK = """
            update {schema} set version = version where id is null
            """;

    // Primary key.
    private static final String INSERT_LEASE = """
            insert into {lease} (channel, shard) values (:channel, :shard) on conflict do nothing
            """;

    // Primary key. Waits for any other transaction that has written.
    private static final String RECORD_ONE = """
            insert into {dedup} (consumer_group, message_id) values (:group, :id) on conflict do nothing
            """;

    @Override
    String name() {
        return "sqlite";
    }

    @Override
    String identifier(String name) {
        return '"' + name + '"';
    }

    @Override
    String now() {
        return "(cast(round((julianday('now') - 2440587.5) * 86400000) as integer) * 1000)";
    }

    @Override
    String plus(String time, String milliseconds) {
        return "(" + time + " + " + milliseconds + " * 1000)";
    }

    @Override
    String any(String parameter) {
        return "in (select value from json_each(" + parameter + "))";
    }

    @Override
    Lists lists() {
        return Lists.JSON;
    }

    @Override
    String part() {
        return "select * from (";
    }

    @Override
    String size(String column) {
        return "length(" + column + ")";
    }

    @Override
    String typed(String parameter, String type) {
        return parameter;
    }

    @Override
    String contains(String text, String parameter) {
        return "instr(" + text + ", " + parameter + ") > 0";
    }

    @Override
    String forUpdate() {
        return "";
    }

    @Override
    String snapshot() {
        return "null";
    }

    /** What the driver reports; there is no other. */
    @Override
    int isolation() {
        return Connection.TRANSACTION_SERIALIZABLE;
    }

    @Override
    void begin(Connection connection, TableNames names) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(expand(LOCK, names));
        } catch (SQLException e) {
            if (!isUndefined(e)) {
                throw e;
            } // else the tables are to be created, or the next statement says that they are missing
        }
    }

    @Override
    @Nullable
    String createSchema(String schema) {
        throw new StoreException("SQLite has no schemas, so that TableNames.withSchema(\"" + schema
                + "\") cannot be: tell tables apart by TableNames.withPrefix, or keep them in files of their own");
    }

    @Override
    boolean hasSchema(Connection connection, String schema) {
        return false;
    }

    @Override
    String insertLease() {
        return INSERT_LEASE;
    }

    /** From the heads to their rows, not the other way round, which is what CROSS JOIN means to SQLite. */
    @Override
    String heads() {
        return super.heads().replace("join {parked} p on", "cross join {parked} p on");
    }

    @Override
    String recordOne() {
        return RECORD_ONE;
    }

    @Override
    boolean isUndefined(SQLException e) {
        return e.getErrorCode() == ERROR;
    }

    /** Inserts that may meet their like say what to do then. */
    @Override
    boolean isDuplicate(SQLException e) {
        return false;
    }

    /** Creation is serialised. */
    @Override
    boolean isAlreadyThere(SQLException e) {
        return false;
    }

    @Override
    boolean isPassing(SQLException e) {
        return PASSING.contains(e.getErrorCode());
    }

    @Override
    void setInstant(PreparedStatement statement, int index, Instant value) throws SQLException {
        statement.setLong(index, ChronoUnit.MICROS.between(Instant.EPOCH, value));
    }

    @Override
    Instant instant(ResultSet row, int column) throws SQLException {
        return Instant.EPOCH.plus(row.getLong(column), ChronoUnit.MICROS);
    }

    @Override
    WriterSnapshot writers(@Nullable String snapshot) {
        return NONE;
    }
}
