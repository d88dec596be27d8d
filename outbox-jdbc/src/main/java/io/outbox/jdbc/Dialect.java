package io.outbox.jdbc;

import io.outbox.spi.WriterSnapshot;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Collection;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What differs between databases. One subclass and one script per version make a database known: the subclass fills the
 * names in braces ({@link Braces}) of the statements that all databases share, has the statements that they do not share,
 * and tells errors apart. What most databases have in common is the default. Stateless.
 */
abstract class Dialect {
    // Primary key, by the list.
    private static final String DELETE_MESSAGES = """
            delete from {message} where id {any:ids}
            """;

    // Primary key, by channel: a few rows, each locked in the order of the key and by statements of one row elsewhere.
    private static final String REMOVE_EXPIRED = """
            delete from {relay} where channel = :channel and relay_id <> :relay and expires_at <= {now}
            """;

    // Primary key.
    private static final String INSERT_LEASE = """
            insert into {lease} (channel, shard) values (:channel, :shard)
            """;

    // Primary key. Waits for another transaction that has the same key uncommitted.
    private static final String RECORD_ONE = """
            insert into {dedup} (consumer_group, message_id) values (:group, :id)
            """;

    // Index on processed_at.
    private static final String PURGE = """
            delete from {dedup} where (consumer_group, message_id) in (
                select consumer_group, message_id from {dedup} where processed_at < {earlier}
                order by processed_at {limit:limit})
            """;

    // Index parked_key; walks over all that blocks a key.
    private static final String HEADS = """
            select p.message_key, p.parked_id, p.not_before,
                case when p.state <> 'DEAD_BLOCKING' and p.not_before <= {started} then 1 else 0 end as is_due,
                case when :perShard > 0 and row_number() over (order by p.message_key) = :total
                    then 1 else 0 end as is_last
            from (select shard, message_key, min(message_seq) as message_seq from {parked}
                where channel = :channel and shard {any:shards} and message_key > :after
                and state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING')
                group by shard, message_key order by message_key {limit:total}) h
            join {parked} p on p.channel = :channel and p.shard = h.shard and p.message_key = h.message_key
                and p.message_seq = h.message_seq and p.state in ('RETRY', 'BEHIND', 'DEAD_BLOCKING')
            order by p.message_key, p.parked_id
            """;

    /** The name of the dialect's scripts. */
    abstract String name();

    /** Writes a checked name as an identifier. */
    abstract String identifier(String name);

    /** Writes the name of an index in the place where it is created. */
    String index(@Nullable String schema, String name) {
        return identifier(name);
    }

    /** The clock, moving within a transaction if the database has such a one. */
    abstract String now();

    /** The time at which the statement began, which an index can be searched for. */
    String started() {
        return now();
    }

    /** A time plus a number of milliseconds, both given by expressions. */
    abstract String plus(String time, String milliseconds);

    /** At most so many rows, at the end of a statement that has an order. */
    String limit(String count) {
        return "limit " + count;
    }

    /** What stands before a part of a union that has an order of its own. */
    String part() {
        return "(";
    }

    /** What stands behind it. */
    String end() {
        return ")";
    }

    /** Whether a query, from its tables on, finds a row; not by EXISTS, for which PostgreSQL may read all into a hash table. */
    String isThere(String query) {
        return "(select 1 from " + query + " limit 1) is not null";
    }

    /** How many bytes a column has. */
    String size(String column) {
        return "octet_length(" + column + ")";
    }

    /** What compares like a text and is equal only if the text is the same. */
    String letters(String text) {
        return text;
    }

    /** As many columns without values as a message has. */
    String noValues() {
        return MessageRow.NO_VALUES;
    }

    /** What a table needs behind it to be read without waiting for transactions that write. */
    String committed() {
        return "";
    }

    /** What a table needs behind it to have the rows locked that are read. */
    String locked() {
        return "";
    }

    /** What a statement needs at its end to lock the rows that it reads. */
    String forUpdate() {
        return "for update";
    }

    /** A comparison with a list parameter. */
    abstract String any(String parameter);

    /** How a list is given to a statement. */
    Lists lists() {
        return Lists.ARRAYS;
    }

    /** How long a text may be, in characters, in the place of a list; what is longer is given as a large object. */
    int longestList() {
        return Integer.MAX_VALUE;
    }

    /** How much of an error is kept, in characters. */
    int longestError() {
        return Integer.MAX_VALUE;
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

    /**
     * Writes something in a transaction of its own, after which all is on disk that could be seen before; null where nobody
     * sees a commit that is not on disk.
     */
    @Nullable
    String makeDurable() {
        return null;
    }

    /**
     * Inserts a row {@code :id}, or none where that is not needed, in a transaction whose commit is to put on disk what the
     * transaction has seen; null where nobody sees a commit that is not on disk.
     */
    @Nullable
    String makeCommitDurable() {
        return null;
    }

    /** Deletes {@code :ids} from the parked messages. */
    String deleteParked() {
        return "delete from {parked} where parked_id {any:ids}";
    }

    /**
     * Selects the ids that an operator has asked for, {@code $WHERE}, and locks them: waits for a relay that is about to
     * delete or change one of them, and then looks again.
     */
    String lockParked() {
        return "select parked_id from {parked} {locked} $WHERE order by parked_id {limit:limit} {forupdate}";
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
    String keepToKey() {
        return "";
    }

    /** The isolation of our own connections, for which every statement is written. */
    int isolation() {
        return Connection.TRANSACTION_READ_COMMITTED;
    }

    /** Makes a transaction of ours ready to write after it has read. */
    void begin(Connection connection, TableNames names) throws SQLException {}

    /** Creates a schema that is not there; null where that is not for us to do. */
    @Nullable
    String createSchema(String schema) {
        return "create schema if not exists " + identifier(schema);
    }

    /**
     * Takes a lock that serialises changes of the schema until the transaction ends; null where DDL does that, or commits
     * each change.
     */
    @Nullable
    String lockSchema() {
        return null;
    }

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
    String deleteMessages() {
        return DELETE_MESSAGES;
    }

    /** Removes relays of {@code :channel} that have expired, except {@code :relay}. */
    String removeExpired() {
        return REMOVE_EXPIRED;
    }

    /** Inserts a lease row without an owner, doing nothing, or failing by a duplicate key, if it is there. */
    String insertLease() {
        return INSERT_LEASE;
    }

    /**
     * Selects the ids and times of those messages of {@code :channel} and {@code :shards} that are due, at most {@code :limit} of each
     * kind, the longest due first: scheduled ones, retries without a key, and such with a key of which they are the first, if among the
     * first {@code :window}.
     */
    String free() {
        return DueTable.FREE;
    }

    /**
     * Selects the first blocking message of each key above {@code :after}, of {@code :channel} and {@code :shards}, by
     * key: key, parked id, due time, whether it is due, and whether keys above this one may have been left out. At most
     * {@code :total} keys, or {@code :perShard} of a shard. May have a row, never due, for a key without such a message if
     * {@link #hasBlocking} does not rely on it.
     */
    String heads() {
        return HEADS;
    }

    /** Selects a row if any message of {@code :channel} and {@code :shards} blocks its key; null where {@link #heads} tells as well. */
    @Nullable
    String hasBlocking() {
        return null;
    }

    /** Fails if the transaction has failed and its commit would not tell. */
    void requireCommittable(Connection connection) throws SQLException {}

    /** Whether the database rolls back a whole transaction because a statement failed, and begins another with the next statement. */
    boolean endsTransactionsItself() {
        return false;
    }

    /** Deletes up to {@code :limit} rows older than {@code :age} milliseconds. */
    String purge() {
        return PURGE;
    }

    /**
     * Inserts {@code :id} as handled by {@code :group}, doing nothing, or failing by a duplicate key without harm to the
     * transaction, if it is there.
     */
    String recordOne() {
        return RECORD_ONE;
    }

    /** Inserts {@code :ids}, sorted, and selects the new ones; null where they are inserted one by one. */
    @Nullable
    String recordAll() {
        return null;
    }

    /** Adds {@code :hash} and {@code :result} to the row of {@code :group} and {@code :id}. */
    String keepResult() {
        return """
                update {dedup} set content_hash = :hash, result = :result
                where consumer_group = :group and {letters:message_id} = {letters::id}""";
    }

    /** Selects what {@link #keepResult} has added, as last committed, whatever snapshot the transaction has. */
    String result() {
        return """
                select content_hash, result from {dedup}
                where consumer_group = :group and {letters:message_id} = {letters::id} and result is not null""";
    }

    /** Tells a table, schema or column that is not there. */
    abstract boolean isUndefined(SQLException e);

    /** Tells a violated unique key. */
    abstract boolean isDuplicate(SQLException e);

    /** Tells a table, index or schema that could not be created because it is there. */
    abstract boolean isAlreadyThere(SQLException e);

    /** Tells, beyond what the standard says, what may pass by itself. */
    abstract boolean isPassing(SQLException e);

    void setLongs(PreparedStatement statement, int index, long[] values) throws SQLException {
        throw new UnsupportedOperationException("lists are no arrays");
    }

    void setInts(PreparedStatement statement, int index, Collection<Integer> values) throws SQLException {
        throw new UnsupportedOperationException("lists are no arrays");
    }

    void setStrings(PreparedStatement statement, int index, Collection<String> values) throws SQLException {
        throw new UnsupportedOperationException("lists are no arrays");
    }

    /** Reads what {@link #snapshot} selected. */
    WriterSnapshot writers(@Nullable String snapshot) {
        return WriterSnapshot.unknown();
    }

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
    boolean isSame(String given, String catalogued) {
        return given.equalsIgnoreCase(catalogued);
    }

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
        return new Braces(this, names).fill(template);
    }

    /** Writes a table's full name. */
    final String table(String name, TableNames names) {
        String table = identifier(names.prefix() + name);
        return names.schema() == null ? table : identifier(names.schema()) + "." + table;
    }

    /** What to do where a table is missing. */
    final String advice(TableNames names) {
        return "looked for " + table("message", names) + " and its companions: create them with"
                + " OutboxSchema.of(dataSource).withTables(…).create(), the command"
                + " 'java -cp … io.outbox.jdbc.OutboxSchema create --url …', or the script that 'print' prints";
    }

    /** The statements of the schema script of a version, names filled in. */
    final List<String> statements(String script, TableNames names) {
        return SchemaScript.statements(expand(script, names));
    }
}
