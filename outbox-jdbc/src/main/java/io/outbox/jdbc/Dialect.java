package io.outbox.jdbc;

import io.outbox.StoreException;
import io.outbox.TransientStoreException;
import io.outbox.spi.WriterSnapshot;
import java.sql.BatchUpdateException;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What differs between databases. One subclass and one script per version make a database known: the subclass fills the
 * names in braces of the statements that all databases share, has the statements that they do not share, and sorts
 * errors. Stateless.
 *
 * <p>Names in braces: the tables {@code message, parked, relay, lease, dedup, schema}; {@code name:x} an index;
 * {@code now} the clock and {@code started} its time when the statement began; {@code later} the first plus
 * {@code :delay} milliseconds and {@code earlier} the second less {@code :age} of them; {@code any:x} a comparison with
 * the list {@code :x}; {@code string:x} and {@code number:x} a parameter whose type the database must be told;
 * {@code exact} a collation; {@code snapshot} the running transactions as text. A parameter {@code :xAsJson} is the list
 * {@code :x} as a JSON array.
 */
abstract class Dialect {
    private static final Pattern MACRO = Pattern.compile("\\{([a-z]+)(?::([A-Za-z_]+))?}");
    private static final Set<String> TABLES =
            Set.of("message", "parked", "archive", "relay", "lease", "dedup", "schema");

    /** The one place that knows databases by name. */
    static Dialect of(DatabaseMetaData metaData) throws SQLException {
        String product = metaData.getDatabaseProductName();
        return switch (product) {
            case "PostgreSQL" -> new PostgreSqlDialect();
            case "H2" -> new H2Dialect();
            case "MariaDB" -> new MariaDbDialect();
            // what MySQL's own driver calls both
            case "MySQL" ->
                metaData.getDatabaseProductVersion().contains("MariaDB") ? new MariaDbDialect() : new MySqlDialect();
            default ->
                throw new StoreException(
                        "no dialect for the database '" + product + "'; known are PostgreSQL, MariaDB, MySQL and H2");
        };
    }

    /** The dialect of a script's name, for printing scripts without a database. */
    static Dialect named(String name) {
        return switch (name) {
            case "postgresql" -> new PostgreSqlDialect();
            case "h2" -> new H2Dialect();
            case "mariadb" -> new MariaDbDialect();
            case "mysql" -> new MySqlDialect();
            default ->
                throw new IllegalArgumentException(
                        "database must be postgresql, mariadb, mysql or h2, was '" + name + "'");
        };
    }

    /** The name of the dialect's scripts. */
    abstract String name();

    /** Writes a checked name as an identifier. */
    abstract String identifier(String name);

    /** Writes the name of an index in the place where it is created. */
    abstract String index(@Nullable String schema, String name);

    /** The clock, moving within a transaction if the database has such a one. */
    abstract String now();

    /** The time at which the statement began, which an index can be searched for. */
    abstract String started();

    /** A time plus a number of milliseconds, both given by expressions. */
    abstract String plus(String time, String milliseconds);

    /** A comparison with a list parameter. */
    abstract String any(String parameter);

    /** Whether a list parameter becomes one parameter for each of its values, because the database has no lists. */
    boolean spellsOutLists() {
        return false;
    }

    /**
     * A statement before another that makes it show rows that are not committed, too; null where there is none, or
     * {@link #snapshot} tells of transactions.
     */
    @Nullable
    String showUncommitted() {
        return null;
    }

    /** Whether the driver can run INSERT … SELECT as a batch. */
    boolean batchesInsertSelect() {
        return true;
    }

    /** A parameter in a place where the database cannot tell its type. */
    String typed(String parameter, String type) {
        return "cast(" + parameter + " as " + type + ")";
    }

    /** Tells whoever listens, at the commit, that there are messages; null where the database has no such thing. */
    @Nullable
    String notifyListeners(TableNames names) {
        return null;
    }

    /** Deletes {@code :ids} from the parked messages. */
    String deleteParked() {
        return "delete from {parked} where parked_id {any:ids}";
    }

    /** The collation by which texts are equal only if they are the same; where the script asks for it. */
    String exact() {
        throw new IllegalStateException("the script of " + name() + " needs no collation");
    }

    /** Whether a text has a parameter in it. */
    String contains(String text, String parameter) {
        return "position(" + parameter + " in " + text + ") > 0";
    }

    /** An expression for the transactions running at the statement's snapshot, as text that {@link #writers} reads. */
    abstract String snapshot();

    /** A statement before another that makes it keep to the primary key, whatever the statistics say; may be empty. */
    abstract String keepToKey();

    /** Takes a lock that serialises changes of the schema until the transaction ends; null where DDL does that. */
    abstract @Nullable String lockSchema();

    /** Whether a change of the schema is undone when its transaction rolls back, so that none is ever half made. */
    boolean undoesSchemaChanges() {
        return false;
    }

    /**
     * Statements that make a change of the schema give up after half a second of waiting for others: whoever comes after
     * a waiting change waits too, so a change that waits for one long transaction would stop all others.
     */
    List<String> waitLess() {
        return List.of();
    }

    /** Statements that undo {@link #waitLess} on a connection that will be used for something else. */
    List<String> waitAsBefore() {
        return List.of();
    }

    /** Deletes {@code :ids} from the hot table; may return the number of the transaction as a row. */
    abstract String deleteMessages();

    /** Removes relays of {@code :channel} that have expired, except {@code :relay}. */
    abstract String removeExpired();

    /** Inserts a lease row without an owner, doing nothing, or failing by a duplicate key, if it is there. */
    abstract String insertLease();

    /**
     * Selects the first blocking message of each key above {@code :after}, of {@code :channel} and {@code :shards}, by
     * key: key, parked id, due time, whether it is due, and whether keys above this one may have been left out. At most
     * {@code :total} keys, or {@code :perShard} of a shard.
     */
    abstract String heads();

    /** Deletes up to {@code :limit} rows older than {@code :age} milliseconds. */
    abstract String purge();

    /**
     * Inserts {@code :id} as handled by {@code :group}, doing nothing, or failing by a duplicate key without harm to the
     * transaction, if it is there.
     */
    abstract String recordOne();

    /** Inserts {@code :ids}, sorted, and selects the new ones; null where they are inserted one by one. */
    abstract @Nullable String recordAll();

    /** Adds {@code :hash} and {@code :result} to the row of {@code :group} and {@code :id}. */
    String keepResult() {
        return """
                update {dedup} set content_hash = :hash, result = :result
                where consumer_group = :group and message_id = :id""";
    }

    /** Selects what {@link #keepResult} has added, as last committed, whatever snapshot the transaction has. */
    String result() {
        return """
                select content_hash, result from {dedup}
                where consumer_group = :group and message_id = :id and result is not null""";
    }

    /** Tells a table, schema or column that is not there. */
    abstract boolean isUndefined(SQLException e);

    /** Tells a violated unique key. */
    abstract boolean isDuplicate(SQLException e);

    /** Tells a table, index or schema that could not be created because it is there. */
    abstract boolean isAlreadyThere(SQLException e);

    /** Tells, beyond what the standard says, what may pass by itself. */
    abstract boolean isPassing(SQLException e);

    abstract void setLongs(PreparedStatement statement, int index, long[] values) throws SQLException;

    abstract void setInts(PreparedStatement statement, int index, Collection<Integer> values) throws SQLException;

    abstract void setStrings(PreparedStatement statement, int index, Collection<String> values) throws SQLException;

    /** Reads what {@link #snapshot} selected. */
    abstract WriterSnapshot writers(@Nullable String snapshot);

    void setInstant(PreparedStatement statement, int index, Instant value) throws SQLException {
        statement.setObject(index, value.atOffset(ZoneOffset.UTC));
    }

    Instant instant(ResultSet row, int column) throws SQLException {
        return row.getObject(column, OffsetDateTime.class).toInstant();
    }

    /** Tells whether the database has a schema. */
    boolean hasSchema(Connection connection, String schema) throws SQLException {
        try (ResultSet row = connection.getMetaData().getSchemas()) {
            while (row.next()) {
                if (isSame(schema, row.getString("TABLE_SCHEM"))) {
                    return true;
                }
            }
        }
        return false;
    }

    /** Tells whether a name given to us is the one that the database's catalogue gives. */
    abstract boolean isSame(String given, String catalogued);

    final Sql sql(String template, TableNames names) {
        return new Sql(this, "", expand(template, names));
    }

    /** A statement on a table whose size changes too fast for statistics to be right. */
    final Sql byKey(String template, TableNames names) {
        return new Sql(this, keepToKey(), expand(template, names));
    }

    /** Makes the statements that follow in the transaction keep to the primary key. */
    final void keepToKey(Connection connection) throws SQLException {
        String settings = keepToKey();
        if (!settings.isEmpty()) {
            try (Statement statement = connection.createStatement()) {
                statement.execute(settings);
            }
        }
    }

    /** Fills in the names in braces. */
    final String expand(String template, TableNames names) {
        Matcher matcher = MACRO.matcher(template);
        StringBuilder out = new StringBuilder(template.length() + 64);
        while (matcher.find()) {
            matcher.appendReplacement(out, Matcher.quoteReplacement(macro(matcher.group(1), matcher.group(2), names)));
        }
        return matcher.appendTail(out).toString();
    }

    /** Writes a table's full name. */
    final String table(String name, TableNames names) {
        String table = identifier(names.prefix() + name);
        return names.schema() == null ? table : identifier(names.schema()) + "." + table;
    }

    private String macro(String name, @Nullable String argument, TableNames names) {
        if (TABLES.contains(name)) {
            return table(name, names);
        }
        return switch (name) {
            case "now" -> now();
            case "started" -> started();
            case "later" -> plus(now(), ":delay");
            case "earlier" -> plus(started(), "-:age");
            case "any" -> any(":" + argument);
            case "string" -> typed(":" + argument, "varchar");
            case "number" -> typed(":" + argument, "integer");
            case "exact" -> exact();
            case "name" -> index(names.schema(), names.prefix() + argument);
            case "snapshot" -> snapshot();
            default -> throw new IllegalArgumentException("unknown name {" + name + "} in a statement");
        };
    }

    /** Turns an error of the driver into one of ours. What the statement's values were stays out of the text. */
    final StoreException translate(String what, TableNames names, SQLException e) {
        SQLException cause = first(e);
        if (isUndefined(cause)) {
            return new StoreException(
                    "could not " + what + ": a table or column is missing" + code(cause) + "; " + advice(names), cause);
        }
        return isTransient(cause) || isPassing(cause)
                ? new TransientStoreException("could not " + what + code(cause), cause)
                : new StoreException("could not " + what + code(cause), cause);
    }

    /** Turns an error of the driver into one of ours when the database is not known yet. */
    static StoreException translateUnknown(String what, SQLException e) {
        return isTransient(e)
                ? new TransientStoreException("could not " + what + code(e), e)
                : new StoreException("could not " + what + code(e), e);
    }

    final String advice(TableNames names) {
        return "looked for " + table("message", names) + " and its companions: create them with"
                + " OutboxSchema.of(dataSource).withTables(…).create(), the command"
                + " 'java -cp … io.outbox.jdbc.OutboxSchema create --url …', or the script that 'print' prints";
    }

    private static boolean isTransient(SQLException e) {
        String state = e.getSQLState();
        return e instanceof SQLTransientException
                || e instanceof SQLRecoverableException
                || (state != null && (state.startsWith("08") || state.startsWith("40")));
    }

    /** pgjdbc's BatchUpdateException spells out the values of a row; what it wraps does not. */
    private static SQLException first(SQLException e) {
        return e instanceof BatchUpdateException && e.getNextException() != null ? e.getNextException() : e;
    }

    private static String code(SQLException e) {
        return " (SQLState " + e.getSQLState() + ", error code " + e.getErrorCode() + ")";
    }

    /** The statements of the schema script of a version, names filled in. */
    final List<String> statements(String script, TableNames names) {
        return SchemaScript.statements(expand(script, names));
    }
}
