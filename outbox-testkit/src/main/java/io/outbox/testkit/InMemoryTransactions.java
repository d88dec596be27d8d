package io.outbox.testkit;

import static java.util.Objects.requireNonNull;

import io.outbox.TransactionRunner;
import io.outbox.TransientStoreException;
import io.outbox.spi.WriterSnapshot;
import io.outbox.testkit.Faults.Operation;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An in-memory database: its clock, its transactions and its failures. {@link InMemoryOutboxStore} and
 * {@link InMemoryDedupStore} that share one take part in the same transactions.
 *
 * <p>For tests: it keeps everything in memory and loses it with the process. Thread-safe, and deterministic when driven by
 * one thread with a {@link ManualClock}.
 */
public final class InMemoryTransactions implements TransactionRunner<InMemoryTransaction> {
    private final Clock clock;
    private final Faults faults = new Faults();
    /** One for each database: a transaction is joined by work in the same database only. */
    @SuppressWarnings("ThreadLocalUsage")
    private final ThreadLocal<@Nullable InMemoryTransaction> bound = new ThreadLocal<>();
    /** Guards everything the stores of this database keep; transactions wait on it for each other. */
    private final Object monitor = new Object();
    /** Numbers of open writers; guarded by the monitor. */
    private final TreeSet<Long> writers = new TreeSet<>();
    /** The last number drawn; guarded by the monitor. */
    private long lastWriter;

    private long lastFinished;

    /** Makes an empty database on the system's clock. */
    public InMemoryTransactions() {
        this(Clock.systemUTC());
    }

    /**
     * Makes an empty database.
     *
     * @param clock the database's clock: all times that are stored or compared come from it
     */
    public InMemoryTransactions(Clock clock) {
        this.clock = requireNonNull(clock, "clock");
    }

    /**
     * Begins a transaction that is not bound to any thread; several may be open at once.
     *
     * @return an open transaction; whoever began it ends it
     */
    public InMemoryTransaction begin() {
        return run(Operation.BEGIN, () -> new InMemoryTransaction(this));
    }

    /**
     * Returns what makes operations of this database fail.
     *
     * @return the faults, none planned at first
     */
    public Faults faults() {
        return faults;
    }

    @Override
    public <R, X extends Exception> R inTransaction(Work<InMemoryTransaction, R, X> work) throws X {
        requireNonNull(work, "work");
        InMemoryTransaction joined = bound.get();
        if (joined != null) {
            return work.run(joined);
        }
        try (InMemoryTransaction transaction = begin()) {
            bound.set(transaction);
            R result = work.run(transaction);
            transaction.commit();
            return result;
        } finally {
            bound.remove();
        }
    }

    @Override
    public boolean isOpen() {
        return bound.get() != null;
    }

    void commit(InMemoryTransaction transaction) {
        Faults.Call call;
        try {
            call = faults.before(Operation.COMMIT);
        } catch (RuntimeException e) {
            rollback(transaction);
            throw e;
        }
        List<Runnable> steps = end(transaction, true);
        steps.forEach(Runnable::run);
        faults.after(call);
    }

    void rollback(InMemoryTransaction transaction) {
        end(transaction, false);
    }

    private List<Runnable> end(InMemoryTransaction transaction, boolean committed) {
        synchronized (monitor) {
            List<Runnable> steps = transaction.end(committed);
            monitor.notifyAll();
            return steps;
        }
    }

    /** Runs an operation with the monitor held, and asks for failures before and after it without. */
    <R> R run(Operation operation, Supplier<R> effect) {
        Faults.Call call = faults.before(operation);
        R result;
        synchronized (monitor) {
            result = effect.get();
        }
        faults.after(call);
        return result;
    }

    /** Like {@link #run}, for operations without a result. */
    void act(Operation operation, Runnable effect) {
        Faults.Call call = faults.before(operation);
        synchronized (monitor) {
            effect.run();
        }
        faults.after(call);
    }

    Object monitor() {
        return monitor;
    }

    /** What follows is called with the monitor held. This one waits until a transaction has ended. */
    void awaitEnd(InMemoryTransaction other) {
        try {
            while (other.isOpen()) {
                monitor.wait();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new TransientStoreException("interrupted while waiting for another transaction", e);
        }
    }

    Instant now() {
        return clock.instant();
    }

    long startWriter() {
        writers.add(++lastWriter);
        return lastWriter;
    }

    void endWriter(long number) {
        writers.remove(number);
        lastFinished = Math.max(lastFinished, number);
    }

    /** As harsh as PostgreSQL's: a transaction above the last one that has finished may be running, and is not listed. */
    WriterSnapshot writers() {
        long next = lastFinished + 1;
        return WriterSnapshot.of(
                next, writers.headSet(next).stream().mapToLong(Long::longValue).toArray());
    }
}
