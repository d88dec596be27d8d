package io.outbox;

/**
 * Runs work in a database transaction.
 *
 * @param <T> the handle of a transaction, for JDBC a {@code java.sql.Connection}
 */
public interface TransactionRunner<T> {
    /**
     * Runs the work in one transaction: commits when it returns, rolls back when it throws. Where a transaction of this
     * runner is already open on the calling thread, the work joins it and the outer call decides its end.
     *
     * @param <R> what the work returns
     * @param <X> what the work may throw; thrown on as it is, after the roll-back
     * @param work the work; it must not commit, roll back or close the transaction by itself
     * @return what the work returned
     * @throws X whatever the work threw
     * @throws StoreException when the transaction could not be begun or committed
     */
    <R, X extends Exception> R inTransaction(Work<T, R, X> work) throws X;

    /**
     * Tells whether a transaction is open on the calling thread that {@link #inTransaction} would join.
     *
     * @return true when it is; false by default, for runners that never join or cannot tell
     */
    default boolean isOpen() {
        return false;
    }

    /**
     * Work to be done in a transaction.
     *
     * @param <T> the handle of a transaction
     * @param <R> what it returns
     * @param <X> what it may throw
     */
    @FunctionalInterface
    interface Work<T, R, X extends Exception> {
        /**
         * Does the work.
         *
         * @param transaction the open transaction
         * @return any result
         * @throws X any failure; rolls the transaction back
         */
        R run(T transaction) throws X;
    }
}
