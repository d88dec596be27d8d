package io.outbox.spring;

import static java.util.Objects.requireNonNull;

import io.outbox.StoreException;
import io.outbox.TransactionRunner;
import io.outbox.TransientStoreException;
import java.sql.Connection;
import javax.sql.DataSource;
import org.springframework.dao.DataAccessException;
import org.springframework.dao.NonTransientDataAccessException;
import org.springframework.jdbc.datasource.DataSourceUtils;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.TransactionException;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.transaction.support.TransactionTemplate;

/**
 * Runs work in Spring's transactions: joins the one of the calling thread, whoever began it ({@code @Transactional}, a template, a JPA
 * transaction on the same data source), or begins one. A joined transaction ends as its owner decides. Thread-safe.
 */
public final class SpringTransactions implements TransactionRunner<Connection> {
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
            throw e instanceof NonTransientDataAccessException
                    ? new StoreException("the transaction failed", e)
                    : new TransientStoreException("the transaction could not be begun or committed", e);
        }
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
