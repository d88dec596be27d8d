package io.outbox.spring;

import static java.util.Objects.requireNonNull;

import io.outbox.StoreException;
import io.outbox.TransactionRunner;
import io.outbox.TransientStoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLRecoverableException;
import java.sql.SQLTransientException;
import java.util.List;
import javax.sql.DataSource;
import org.springframework.core.NestedRuntimeException;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.NonTransientDataAccessResourceException;
import org.springframework.dao.RecoverableDataAccessException;
import org.springframework.dao.TransientDataAccessException;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.CannotCreateTransactionException;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs work in Spring's transactions: joins the one of the calling thread, whoever began it ({@code @Transactional}, a template, a JPA
 * transaction on the same data source), or begins one. A joined transaction ends as its owner decides. Thread-safe.
 */
public final class SpringTransactions implements TransactionRunner<Connection> {
    /** Connections, roll-backs for the sake of others, resources, locks, a server that ends or is a standby. */
    private static final List<String> PASSING = List.of("08", "40", "53", "55P03", "57", "25006");

    private final DataSource dataSource;
    private final TransactionTemplate template;

    private SpringTransactions(DataSource dataSource, PlatformTransactionManager manager) {
        this.dataSource = requireNonNull(dataSource, "dataSource");
        template = new TransactionTemplate(requireNonNull(manager, "manager"));
    }

    /**
     * Makes a runner.
     *
     * @param dataSource whose connection the work gets
     * @param manager begins transactions that include the data source
     * @return a thread-safe runner
     */
    public static SpringTransactions of(DataSource dataSource, PlatformTransactionManager manager) {
        return new SpringTransactions(dataSource, manager);
    }

    @Override
    public <R, X extends Exception> R inTransaction(Work<Connection, R, X> work) throws X {
        requireNonNull(work, "work");
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            return onConnection(work);
        }
        try {
            return requireNonNull(
                            template.execute(status -> {
                                try {
                                    return new Result<>(onConnection(work));
                                } catch (Exception e) {
                                    throw new Carrier(e);
                                }
                            }),
                            "result")
                    .value;
        } catch (Carrier e) {
            @SuppressWarnings("unchecked") // only the work threw inside
            X thrown = (X) e.getCause();
            throw thrown;
        } catch (TransactionException | DataAccessException e) {
            throw mayPass(e)
                    ? new TransientStoreException("the transaction could not be begun or committed", e)
                    : new StoreException("the transaction failed", e);
        }
    }

    /**
     * Whether the database is to blame. Else it is what was done in the transaction, such as a handler that caught the failure of an
     * inner transaction, or of a statement: who took that for a passing trouble would try it for ever.
     */
    private static boolean mayPass(NestedRuntimeException e) {
        if (e instanceof CannotCreateTransactionException
                || e instanceof TransientDataAccessException
                || e instanceof RecoverableDataAccessException
                || e instanceof NonTransientDataAccessResourceException) {
            return true;
        }
        for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException failure) {
                return mayPass(failure);
            }
        }
        return false;
    }

    private static boolean mayPass(SQLException e) {
        String state = e.getSQLState();
        return e instanceof SQLTransientException
                || e instanceof SQLRecoverableException
                || state == null // a pool's own words about a connection that it has closed
                || PASSING.stream().anyMatch(state::startsWith);
    }

    @Override
    public boolean isOpen() {
        return TransactionSynchronizationManager.isActualTransactionActive();
    }

    private <R, X extends Exception> R onConnection(Work<Connection, R, X> work) throws X {
        Connection connection = DataSourceUtils.getConnection(dataSource);
        try {
            return work.run(connection);
        } finally {
            DataSourceUtils.releaseConnection(connection, dataSource);
        }
    }

    private static final class Result<R> {
        private final R value;

        Result(R value) {
            this.value = value;
        }
    }

    /** Carries what the work threw through the template, which rolls back for it. */
    private static final class Carrier extends RuntimeException {
        private static final long serialVersionUID = 1L;

        Carrier(Exception cause) {
            super(null, cause, false, false);
        }
    }
}
