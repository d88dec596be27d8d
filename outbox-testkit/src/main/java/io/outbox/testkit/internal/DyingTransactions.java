package io.outbox.testkit.internal;

import static java.util.Objects.requireNonNull;

import io.outbox.StoreException;
import io.outbox.TransactionRunner;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Ends the JVM right after a commit, before anybody is told of it. Thread-safe.
 *
 * @param <T> the type of a transaction
 */
public final class DyingTransactions<T> implements TransactionRunner<T> {
    /** The exit code, which is that of a killed process. */
    public static final int DIED = 137;

    private final TransactionRunner<T> transactions;
    private final int limit;
    private final AtomicInteger commits = new AtomicInteger();

    /**
     * Makes a runner.
     *
     * @param transactions what runs the transactions
     * @param limit after how many commits the JVM ends; 0 for never
     */
    public DyingTransactions(TransactionRunner<T> transactions, int limit) {
        this.transactions = requireNonNull(transactions, "transactions");
        this.limit = limit;
    }

    @Override
    public <R, X extends Exception> R inTransaction(Work<T, R, X> work) throws X, StoreException {
        R result = transactions.inTransaction(work);
        if (commits.incrementAndGet() == limit) {
            Runtime.getRuntime().halt(DIED);
        }
        return result;
    }
}
