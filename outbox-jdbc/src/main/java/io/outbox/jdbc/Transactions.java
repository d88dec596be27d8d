package io.outbox.jdbc;

import static java.util.Objects.requireNonNull;

import io.outbox.StoreException;
import io.outbox.TransactionRunner;
import java.sql.Connection;
import java.sql.SQLException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs work in transactions on connections of a data source, for programs that have no framework for that.
 *
 * <p>Messages that a {@link JdbcOutboxStore} appends on such a connection are kept back and written as one batch right
 * before the commit; after it, the relays of this process hear of them at once. They are written earlier when there are
 * many, or when a savepoint is set through {@link Connection#setSavepoint}; do not set savepoints by SQL. Thread-safe.
 *
 * <pre>{@code
 * Transactions transactions = Transactions.of(dataSource);
 * transactions.inTransaction(connection -> {
 *     insertOrder(connection, order);
 *     return outbox.publish(connection, message);
 * });
 * }</pre>
 */
public final class Transactions implements TransactionRunner<Connection> {
    private static final Logger LOG = LoggerFactory.getLogger(Transactions.class);

    private final DataSource dataSource;

    private Transactions(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    /**
     * Makes a runner.
     *
     * @param dataSource where connections come from; stays the caller's
     * @return a thread-safe runner
     */
    public static Transactions of(DataSource dataSource) {
        return new Transactions(requireNonNull(dataSource, "dataSource"));
    }

    /**
     * Runs the work in one transaction: commits when it returns, rolls back when it throws. Where a transaction of this
     * runner is already open on the calling thread, the work joins it and the outer call decides its end.
     *
     * <p>The work gets a connection that refuses to commit, roll back as a whole, close or change the auto-commit mode.
     *
     * @param <R> what the work returns
     * @param <X> what the work may throw; thrown on as it is, after the roll-back
     * @param work the work
     * @return what the work returned
     * @throws X whatever the work threw; a failure to roll back is added as suppressed
     * @throws io.outbox.StoreException when there was no connection, or messages could not be written or the transaction
     *     not be committed; when it was the commit that failed, its outcome may be unknown
     */
    @Override
    public <R, X extends Exception> R inTransaction(Work<Connection, R, X> work) throws X {
        requireNonNull(work, "work");
        TransactionScope joined = TransactionScope.of(this);
        if (joined != null) {
            return work.run(joined.connection());
        }
        TransactionScope scope = begin();
        R result;
        try {
            result = work.run(scope.connection());
            commit(scope);
        } catch (Throwable e) {
            Database.rollback(scope.raw(), e);
            throw e;
        } finally {
            end(scope);
        }
        scope.notifyCommitted();
        return result;
    }

    @Override
    public boolean isOpen() {
        return TransactionScope.of(this) != null;
    }

    private TransactionScope begin() {
        Connection connection = null;
        try {
            connection = dataSource.getConnection();
            boolean autoCommitBefore = connection.getAutoCommit();
            if (autoCommitBefore) {
                connection.setAutoCommit(false);
            }
            return TransactionScope.open(this, connection, autoCommitBefore);
        } catch (SQLException e) {
            StoreException failure = SqlErrors.translate("begin a transaction", connection, e);
            close(connection, failure);
            throw failure;
        }
    }

    private static void commit(TransactionScope scope) {
        scope.flush();
        try {
            scope.raw().commit();
        } catch (SQLException e) {
            throw SqlErrors.translate("commit a transaction", scope.raw(), e);
        }
    }

    /** What was committed is committed: a connection that cannot be given back must not look like a failure. */
    private static void end(TransactionScope scope) {
        scope.close();
        try (Connection connection = scope.raw()) {
            if (scope.autoCommitBefore()) {
                connection.setAutoCommit(true);
            }
        } catch (SQLException e) {
            LOG.warn("could not give a connection back after its transaction had ended", e);
        }
    }

    private static void close(@Nullable Connection connection, StoreException failure) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                failure.addSuppressed(e);
            }
        }
    }
}
