package io.outbox.jdbc;

import io.outbox.NoTransactionException;
import io.outbox.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where connections come from, mostly the caller's data source: lends connections to one operation at a time, gives them back as they came, and turns errors
 * into ours. Thread-safe.
 */
final class Database {
    private static final Logger LOG = LoggerFactory.getLogger(Database.class);

    private final ConnectionSource source;
    private final TableNames names;
    /** Found with the first connection at hand; the same for all of them. */
    private volatile @Nullable Dialect dialect;
    /** Whether the pool's connections come with another isolation; asked once, since it costs pgjdbc a round trip. */
    private volatile @Nullable Boolean otherIsolation;

    Database(ConnectionSource source, TableNames names) {
        this.source = source;
        this.names = names;
    }

    Database withNames(TableNames other) {
        return new Database(source, other);
    }

    TableNames names() {
        return names;
    }

    Dialect dialect(Connection connection) throws SQLException {
        Dialect known = dialect;
        if (known == null) {
            known = Dialects.of(connection.getMetaData());
            dialect = known;
        }
        return known;
    }

    /** Runs statements one by one in auto-commit mode. */
    <R> R run(String what, Work<R> work) {
        return borrow(what, true, work);
    }

    /** Runs statements in one transaction; rolls back when the work throws. */
    <R> R transaction(String what, Work<R> work) {
        return borrow(what, false, connection -> {
            try {
                dialect(connection).begin(connection, names);
                R result = work.on(connection);
                connection.commit();
                return result;
            } catch (SQLException | RuntimeException | Error e) {
                rollback(connection, e);
                throw e;
            }
        });
    }

    /** Runs statements one by one in auto-commit mode, for their effect. */
    void act(String what, Action action) {
        run(what, returningNothing(action));
    }

    /** Runs statements in one transaction, for their effect; rolls back when the action throws. */
    void actInTransaction(String what, Action action) {
        transaction(what, returningNothing(action));
    }

    private static Work<Boolean> returningNothing(Action action) {
        return connection -> {
            action.on(connection);
            return true;
        };
    }

    /** Runs statements in the caller's transaction. */
    <R> R join(String what, Connection connection, Work<R> work) {
        try {
            requireTransaction(connection);
            return work.on(connection);
        } catch (SQLException e) {
            throw translate(what, e);
        }
    }

    StoreException translate(String what, SQLException e) {
        Dialect known = dialect;
        return known == null ? SqlErrors.translate(what, null, e) : SqlErrors.translate(what, known, names, e);
    }

    /**
     * Tells that something was there already that was to be created, or is not there, as on H2 while another connection changes
     * the table.
     */
    boolean isCollision(SQLException e) {
        Dialect known = dialect;
        return known != null && (known.isAlreadyThere(e) || known.isDuplicate(e) || known.isUndefined(e));
    }

    private static void requireTransaction(Connection connection) throws SQLException {
        if (connection.isClosed()) {
            throw new NoTransactionException("the connection is closed: there is no transaction to join");
        }
        if (connection.getAutoCommit()) {
            throw new NoTransactionException(
                    "the connection is in auto-commit mode: there is no transaction to join."
                            + " Call setAutoCommit(false) and commit() around your own changes, or use Transactions.inTransaction");
        }
    }

    private <R> R borrow(String what, boolean autoCommit, Work<R> work) {
        try (Connection connection = source.open()) {
            int isolation = dialect(connection).isolation();
            boolean autoCommitBefore = connection.getAutoCommit();
            int isolationBefore = isolate(connection, isolation);
            if (autoCommitBefore != autoCommit) {
                connection.setAutoCommit(autoCommit);
            }
            try {
                return work.on(connection);
            } finally {
                restore(connection, autoCommit, autoCommitBefore, isolation, isolationBefore);
            }
        } catch (SQLException e) {
            throw translate(what, e);
        }
    }

    /** Sets the isolation that every statement of ours is written for; returns what was set before. */
    private int isolate(Connection connection, int isolation) throws SQLException {
        Boolean other = otherIsolation;
        if (other == null) {
            other = connection.getTransactionIsolation() != isolation;
            if (!connection.getAutoCommit()) {
                connection.rollback(); // the question has begun a transaction, in which isolation cannot be changed
            }
            otherIsolation = other;
        }
        if (!other) {
            return isolation;
        }
        int before = connection.getTransactionIsolation();
        if (!connection.getAutoCommit()) {
            connection.rollback();
        }
        connection.setTransactionIsolation(isolation);
        return before;
    }

    /** What was done is done: a connection that cannot be restored is the pool's to find out, when it is closed. */
    private static void restore(
            Connection connection, boolean autoCommit, boolean autoCommitBefore, int isolation, int isolationBefore) {
        try {
            if (autoCommitBefore != autoCommit) {
                connection.setAutoCommit(autoCommitBefore);
            }
            if (isolationBefore != isolation) {
                connection.setTransactionIsolation(isolationBefore);
            }
        } catch (SQLException e) {
            LOG.debug("could not restore the settings of a connection", e);
        }
    }

    /** A connection that cannot roll back is closed at once: to change its auto-commit mode would be to commit. */
    static void rollback(Connection connection, Throwable failure) {
        try {
            connection.rollback();
        } catch (SQLException | RuntimeException e) {
            failure.addSuppressed(e);
            close(connection, failure);
        }
    }

    private static void close(Connection connection, Throwable failure) {
        try {
            connection.close();
        } catch (SQLException | RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    /** Gives connections. */
    @FunctionalInterface
    interface ConnectionSource {
        Connection open() throws SQLException;
    }

    /**
     * Work on a connection.
     *
     * @param <R> what it returns
     */
    @FunctionalInterface
    interface Work<R> {
        R on(Connection connection) throws SQLException;
    }

    /** Work on a connection that returns nothing. */
    @FunctionalInterface
    interface Action {
        void on(Connection connection) throws SQLException;
    }
}
