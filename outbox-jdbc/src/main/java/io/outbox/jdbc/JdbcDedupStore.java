package io.outbox.jdbc;

import static java.util.Objects.requireNonNull;

import io.outbox.StoreException;
import io.outbox.spi.DedupStore;
import io.outbox.spi.KeptResult;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Remembers handled messages in a table of the consumer's own database, so that they count together with what their
 * handlers changed there. {@link OutboxSchema} makes the table. Thread-safe; make one and share it.
 */
public final class JdbcDedupStore implements DedupStore<Connection> {
    /** What Oracle takes for null. */
    private static final byte[] NONE = {};

    private final Database database;
    /** Made on first use; two threads may make it twice, to the same effect. */
    private volatile @Nullable Statements statements;

    private JdbcDedupStore(DataSource dataSource, TableNames names) {
        database = new Database(dataSource::getConnection, names);
    }

    /**
     * Makes a store on the table of the standard name. Nothing is asked of the database yet.
     *
     * @param dataSource where connections for {@link #purge} come from; stays the caller's
     * @return a thread-safe store
     */
    public static JdbcDedupStore of(DataSource dataSource) {
        return of(dataSource, TableNames.standard());
    }

    /**
     * Makes a store on a table of another name. Nothing is asked of the database yet.
     *
     * @param dataSource where connections for {@link #purge} come from; stays the caller's
     * @param names schema and prefix of the tables
     * @return a thread-safe store
     */
    public static JdbcDedupStore of(DataSource dataSource, TableNames names) {
        return new JdbcDedupStore(requireNonNull(dataSource, "dataSource"), requireNonNull(names, "names"));
    }

    /**
     * Records messages as handled, in the consumer's transaction: they count if it commits. Where another open
     * transaction has recorded one of them, this call waits for its end, on all databases but PostgreSQL
     * and Oracle no longer than the lock time-out. On SQLite it waits for any other that has written.
     *
     * @param transaction a connection that is not in auto-commit mode
     * @param consumerGroup the group
     * @param messageIds ids, any strings of 1 to 200 characters
     * @return those that were new
     * @throws io.outbox.NoTransactionException when the connection is closed or in auto-commit mode
     * @throws io.outbox.TransientStoreException when it may succeed in another transaction; above READ COMMITTED also
     *     when another transaction has just recorded one of them
     */
    @Override
    public Set<String> record(Connection transaction, String consumerGroup, Collection<String> messageIds) {
        requireNonNull(transaction, "transaction");
        // sorted, so that two transactions cannot wait for each other in a circle
        SortedSet<String> ids = new TreeSet<>(messageIds);
        return database.join("record handled messages", transaction, connection -> {
            Statements to = statements(connection);
            Sql all = to.recordAll();
            Set<String> fresh = ids.size() > 1 && all != null
                    ? recordAll(connection, all, consumerGroup, ids)
                    : recordEach(connection, to.recordOne(), consumerGroup, ids);
            if (fresh.size() < ids.size()) {
                to.durable().makeCommitDurable(connection);
            }
            if (!fresh.isEmpty() && database.dialect(connection).endsTransactionsItself()) {
                RecordMark.of(consumerGroup, fresh).set(connection);
            }
            return fresh;
        });
    }

    @Override
    public void verify(Connection transaction) {
        database.join("commit what was recorded", transaction, connection -> {
            database.dialect(connection).requireCommittable(connection);
            return true;
        });
    }

    @Override
    public void verifyRecorded(Connection transaction, String consumerGroup, Set<String> recorded) {
        boolean isRolledBack = database.join("commit what was recorded", transaction, connection -> {
            if (!database.dialect(connection).endsTransactionsItself()
                    || RecordMark.of(consumerGroup, recorded).release(connection)) {
                return false;
            }
            // a statement that commits, such as one that changes a table, has taken the record with it: then it is
            // there
            SortedSet<String> one = new TreeSet<>(Set.of(Collections.min(recorded)));
            return !recordEach(connection, statements(connection).recordOne(), consumerGroup, one)
                    .isEmpty();
        });
        if (isRolledBack) {
            throw new StoreException(
                    "the database rolled the transaction back while its handler ran, though the handler did not fail:"
                            + " let the failures of statements, such as a deadlock, pass out of handlers");
        }
    }

    @Override
    public void keepResult(Connection transaction, String consumerGroup, String messageId, KeptResult result) {
        requireNonNull(transaction, "transaction");
        int rows = database.join("keep the result of a request", transaction, connection -> {
            try (Call call = statements(connection).keepResult().prepare(connection)) {
                return call.set("group", consumerGroup)
                        .set("id", messageId)
                        .set("hash", result.contentHash())
                        .set("result", result.result())
                        .update();
            }
        });
        if (rows != 1) {
            throw new IllegalStateException("id '" + messageId + "' was not recorded in this transaction");
        }
    }

    @Override
    public Optional<KeptResult> result(Connection transaction, String consumerGroup, String messageId) {
        requireNonNull(transaction, "transaction");
        return database.join("read the result of a request", transaction, connection -> {
            try (Call call = statements(connection).result().prepare(connection);
                    ResultSet row = call.set("group", consumerGroup)
                            .set("id", messageId)
                            .query()) {
                if (!row.next()) {
                    return Optional.empty();
                }
                byte[] result = row.getBytes(2);
                return Optional.of(new KeptResult(row.getBytes(1), result == null ? NONE : result));
            }
        });
    }

    @Override
    public int purge(Duration olderThan, int limit) {
        return database.run("forget handled messages", connection -> {
            try (Call call = statements(connection).purge().prepare(connection)) {
                return call.set("age", olderThan.toMillis()).set("limit", limit).update();
            }
        });
    }

    private static Set<String> recordAll(Connection connection, Sql all, String group, SortedSet<String> ids)
            throws SQLException {
        Set<String> fresh = new HashSet<>();
        try (Call call = all.prepare(connection);
                ResultSet row = call.set("group", group).setStrings("ids", ids).query()) {
            while (row.next()) {
                fresh.add(row.getString(1));
            }
        }
        return fresh;
    }

    private static Set<String> recordEach(Connection connection, Sql one, String group, SortedSet<String> ids)
            throws SQLException {
        Set<String> fresh = new HashSet<>();
        try (Call call = one.prepare(connection)) {
            for (String id : ids) {
                if (call.set("group", group).set("id", id).updateUnlessDuplicate()) {
                    fresh.add(id);
                }
            }
        }
        return fresh;
    }

    private Statements statements(Connection connection) throws SQLException {
        Statements known = statements;
        if (known == null) {
            Dialect dialect = database.dialect(connection);
            TableNames names = database.names();
            SchemaTable.verify(connection, dialect, names, SchemaTable.VERSION);
            String all = dialect.recordAll();
            known = new Statements(
                    dialect.sql(dialect.recordOne(), names),
                    all == null ? null : dialect.sql(all, names),
                    dialect.sql(dialect.keepResult(), names),
                    dialect.sql(dialect.result(), names),
                    dialect.byKey(dialect.purge(), names),
                    new DurableReads(dialect, names));
            statements = known;
        }
        return known;
    }

    /** The statements, made once. */
    private record Statements(
            Sql recordOne, @Nullable Sql recordAll, Sql keepResult, Sql result, Sql purge, DurableReads durable) {}
}
