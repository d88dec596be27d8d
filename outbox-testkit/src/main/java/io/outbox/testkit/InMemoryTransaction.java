package io.outbox.testkit;

import io.outbox.NoTransactionException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A transaction of an in-memory database: what it wrote shows when it commits, all at once. Confined to one thread at a
 * time.
 */
public final class InMemoryTransaction implements AutoCloseable {
    private final InMemoryTransactions database;
    /** These fields are guarded by the database's monitor. */
    private final List<Runnable> commitEffects = new ArrayList<>();

    private final List<Runnable> rollbackEffects = new ArrayList<>();
    private final List<Runnable> afterCommit = new ArrayList<>();
    private boolean open = true;
    private long number;

    @Nullable
    InMemoryTransaction waitsFor;

    InMemoryTransaction(InMemoryTransactions database) {
        this.database = database;
    }

    /**
     * Makes everything this transaction wrote visible at one moment.
     *
     * @throws IllegalStateException when it has ended already
     * @throws io.outbox.TransientStoreException when {@link Faults} say so: before the effect it is rolled back, after it
     *     the transaction has committed all the same
     */
    public void commit() {
        database.commit(this);
    }

    /**
     * Forgets everything this transaction wrote.
     *
     * @throws IllegalStateException when it has ended already
     */
    public void rollback() {
        database.rollback(this);
    }

    /** Rolls back, unless it has ended already. */
    @Override
    public void close() {
        if (isOpen()) {
            rollback();
        }
    }

    /**
     * Tells whether it has neither been committed nor rolled back.
     *
     * @return true while it is open
     */
    public boolean isOpen() {
        synchronized (database.monitor()) {
            return open;
        }
    }

    /**
     * Adds an effect of the application's own, to stand for a table of its: it runs when the transaction commits, at the
     * same moment in which the stores' writes show, and never when it rolls back.
     *
     * @param effect runs on the committing thread, under the database's lock; must be short and must not throw
     * @throws NoTransactionException when the transaction has ended
     */
    public void onCommit(Runnable effect) {
        synchronized (database.monitor()) {
            requireOpen();
            commitEffects.add(effect);
        }
    }

    /** What follows is for the stores, and is called with the database's monitor held. */
    void requireOpen() {
        if (!open) {
            throw new NoTransactionException("the in-memory transaction has ended: write before commit or rollback");
        }
    }

    /** Draws the transaction's number with its first write, as databases do. */
    void write(InMemoryTransactions expected) {
        if (expected != database) {
            throw new IllegalArgumentException("the transaction belongs to another InMemoryTransactions");
        }
        requireOpen();
        if (number == 0) {
            number = database.startWriter();
        }
    }

    void onRollback(Runnable effect) {
        rollbackEffects.add(effect);
    }

    /** Adds a step that runs after the commit, outside the monitor. */
    void afterCommit(Runnable step) {
        afterCommit.add(step);
    }

    List<Runnable> end(boolean committed) {
        if (!open) {
            throw new IllegalStateException("the in-memory transaction has ended already");
        }
        open = false;
        (committed ? commitEffects : rollbackEffects).forEach(Runnable::run);
        if (number != 0) {
            database.endWriter(number);
        }
        return committed ? afterCommit : List.of();
    }
}
