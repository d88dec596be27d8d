package io.outbox.jdbc;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * MariaDB 10.6 and newer, and MySQL 8.0.17 and newer through {@link MySqlDialect}, both with InnoDB.
 *
 * <p>Isolation: our own connections work at READ COMMITTED, where InnoDB locks the rows that a statement changes and no
 * gaps between them. So an insert of a caller, at whatever isolation, waits for nothing of ours; and none of our
 * statements may come upon a row that a caller has inserted and not committed, since it would wait for that
 * transaction's end. Hence deletions go from id to id, forced to the primary key: for a table of a few rows the optimizer
 * would rather read, and lock, all of it.
 *
 * <p>Late commits: InnoDB's transaction numbers are for those who may see all processes, but a read at READ UNCOMMITTED
 * shows who may read the table which of its rows are not committed, without a lock; see {@link UncommittedRows}.
 *
 * <p>Durability: without a binary log, InnoDB commits in memory, gives up the locks and shows the rows, and only then writes
 * its log to disk ({@code trx_t::commit_in_memory} calls {@code trx_flush_log_if_needed} last; see
 * <a href="https://mariadb.com/kb/en/group-commit-for-the-binary-log/">group commit</a> for the order with a binary log, which is
 * on disk first). What was read in between is lost if the server dies. The log is written in order, so whatever is written
 * after a read puts on disk all that the read has seen; see {@link DurableReads}. A transaction that changes nothing writes
 * no log.
 *
 * <p>Times are {@code datetime(6)} in UTC, which no session's time zone touches. Texts that are compared have a binary
 * collation that does not pad, so that keys which differ in case, accents or trailing blanks are different keys.
 */
class MariaDbDialect extends Dialect {
    /** Lock wait, too many connections, shutdown, query interrupted, read-only, connection killed, NOWAIT, changed row. */
    private static final Set<Integer> PASSING =
            Set.of(1205, 1213, 1040, 1053, 1317, 1290, 1836, 1927, 3572, 1020, 1158);

    /** Table, column, database. */
    private static final Set<Integer> UNDEFINED = Set.of(1146, 1054, 1049);

    /** Database, table, column, index. */
    private static final Set<Integer> ALREADY_THERE = Set.of(1007, 1050, 1060, 1061);

    private static final int DUPLICATE = 1062;

    private static final DateTimeFormatter DATE_TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSSSSS", Locale.ROOT);

    // Primary key, one row of the list after the other. With "id in (…)" MariaDB 10.11 reads all of a table that has
    // about
    // as many rows as the list, waits at the first one that a caller has inserted and not committed, and fails after 50
    // s.
    private static final String DELETE_MESSAGES = """
            delete gone from json_table(:idsAsJson, '$[*]' columns (id bigint path '$')) listed
            straight_join {message} gone force index (primary) on gone.id = listed.id
            """;

    // The same.
    private static final String DELETE_PARKED = """
            delete gone from json_table(:idsAsJson, '$[*]' columns (id bigint path '$')) listed
            straight_join {parked} gone force index (primary) on gone.parked_id = listed.id
            """;

    // Primary key. An update that changes nothing takes an exclusive lock where a failed insert would take a shared
    // one,
    // with which two that wait for a third end in a deadlock.
    private static final String INSERT_LEASE = """
            insert into {lease} (channel, shard) values (:channel, :shard) on duplicate key update shard = shard
            """;

    // Primary key, one row for all, whose lock is given up before the log is written, so that relays do not queue.
    // Nothing to write where there is a binary log; asked each time, since the next connection may lead to another
    // server.
    private static final String MAKE_DURABLE = """
            insert into {durable} (id, writes) select 1, 1 from dual where @@log_bin = 0
            on duplicate key update writes = writes + 1
            """;

    // Primary key. A row of its own, since its lock is held until the caller's commit; and not in the table of what was
    // handled, where those who have found a duplicate at REPEATABLE READ hold gaps.
    private static final String MAKE_COMMIT_DURABLE = """
            insert into {durable} (id, writes) select :id, 1 from dual where @@log_bin = 0
            """;

    // Index on processed_at.
    private static final String PURGE = """
            delete from {dedup} where processed_at < {earlier} order by processed_at limit :limit
            """;

    @Override
    String name() {
        return "mariadb";
    }

    /** The collation of what must not merge: by code point, without padding. */
    @Override
    String exact() {
        return "utf8mb4_nopad_bin";
    }

    @Override
    String identifier(String name) {
        return '`' + name + '`';
    }

    @Override
    String now() {
        return "utc_timestamp(6)";
    }

    @Override
    String plus(String time, String milliseconds) {
        return "(" + time + " + interval (" + milliseconds + " * 1000) microsecond)";
    }

    @Override
    String any(String parameter) {
        return "in (" + parameter + ")";
    }

    @Override
    Lists lists() {
        return Lists.PARAMETERS;
    }

    /** For the next transaction alone, which is the next statement. */
    @Override
    String showUncommitted() {
        return "set transaction isolation level read uncommitted";
    }

    /** MariaDB's driver 4.0 sends a batch of inserts as one bulk statement, which the server refuses for this one (1295). */
    @Override
    boolean batchesInsertSelect() {
        return false;
    }

    /** Not cast: a parameter is spelled out by the driver, and has a type. */
    @Override
    String typed(String parameter, String type) {
        return parameter;
    }

    @Override
    String deleteParked() {
        return DELETE_PARKED;
    }

    @Override
    String snapshot() {
        return "cast(null as char)";
    }

    /** A reading lock, since the snapshot of a REPEATABLE READ transaction may be older than the row. */
    @Override
    String result() {
        return super.result() + " lock in share mode";
    }

    /** For locks on tables, in whole seconds; a day by default. */
    @Override
    List<String> waitLess() {
        return List.of("set lock_wait_timeout = 1");
    }

    @Override
    List<String> waitAsBefore() {
        return List.of("set lock_wait_timeout = default");
    }

    @Override
    String deleteMessages() {
        return DELETE_MESSAGES;
    }

    @Override
    String insertLease() {
        return INSERT_LEASE;
    }

    @Override
    String makeDurable() {
        return MAKE_DURABLE;
    }

    @Override
    String makeCommitDurable() {
        return MAKE_COMMIT_DURABLE;
    }

    @Override
    String free() {
        return InnoDbParked.FREE;
    }

    @Override
    String heads() {
        return InnoDbParked.HEADS;
    }

    @Override
    String hasBlocking() {
        return InnoDbParked.HAS_BLOCKING;
    }

    /** In a deadlock. */
    @Override
    boolean endsTransactionsItself() {
        return true;
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

    /** What the standard and JDBC call a schema is called a catalogue by these drivers. */
    @Override
    boolean hasSchema(Connection connection, String schema) throws SQLException {
        try (PreparedStatement statement =
                connection.prepareStatement("select 1 from information_schema.schemata where schema_name = ?")) {
            statement.setString(1, schema);
            try (ResultSet row = statement.executeQuery()) {
                return row.next();
            }
        }
    }

    @Override
    boolean isSame(String given, String catalogued) {
        return given.equals(catalogued);
    }

    /** As a text: Connector/J takes MariaDB, which calls itself 5.5.5 first, for too old to know fractions of a second. */
    @Override
    void setInstant(PreparedStatement statement, int index, Instant value) throws SQLException {
        statement.setString(index, DATE_TIME.format(LocalDateTime.ofInstant(value, ZoneOffset.UTC)));
    }

    @Override
    Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, LocalDateTime.class).toInstant(ZoneOffset.UTC);
    }
}
