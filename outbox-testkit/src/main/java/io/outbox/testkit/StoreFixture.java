package io.outbox.testkit;

/**
 * A store under test and transactions in its database. Used by one test.
 *
 * @param <S> the store
 * @param <T> the handle of a transaction
 */
public interface StoreFixture<S, T> {
    /**
     * Returns the store, the same for every call.
     *
     * @return a store that was empty at the beginning of the test
     */
    S store();

    /**
     * Begins a transaction, beside others that are open.
     *
     * @return its handle
     */
    T begin();

    /**
     * Commits and gives its resources back.
     *
     * @param transaction an open transaction
     */
    void commit(T transaction);

    /**
     * Rolls back and gives its resources back.
     *
     * @param transaction an open transaction
     */
    void rollback(T transaction);
}
