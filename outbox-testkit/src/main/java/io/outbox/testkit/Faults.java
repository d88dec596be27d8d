package io.outbox.testkit;

import static java.util.Objects.requireNonNull;

import io.outbox.TransientStoreException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Makes an in-memory database fail on demand. Each operation asks twice: before its effect, where a failure means that
 * nothing has happened, and after it, where the effect stands and only the answer is lost. A failure is a
 * {@link TransientStoreException}.
 *
 * <p>Thread-safe. The calls are counted in the order in which they come, so that in one thread a number always means the
 * same call.
 */
public final class Faults {
    private final List<Planned> planned = new ArrayList<>();
    private long calls;
    private boolean down;
    private @Nullable Hook hook;

    Faults() {}

    /** What the database is asked to do. */
    public enum Operation {
        /** Begins a caller's transaction. */
        BEGIN,
        /** Commits a caller's transaction; failed before its effect, the transaction is rolled back. */
        COMMIT,
        /** {@link io.outbox.spi.OutboxStore#append}. */
        APPEND,
        /** {@link io.outbox.spi.OutboxStore#read}. */
        READ,
        /** {@link io.outbox.spi.OutboxStore#idsBetween}. */
        IDS_BETWEEN,
        /** {@link io.outbox.spi.OutboxStore#load}. */
        LOAD,
        /** {@link io.outbox.spi.OutboxStore#delete}. */
        DELETE,
        /** {@link io.outbox.spi.ArchiveStore#archive}. */
        ARCHIVE,
        /** {@link io.outbox.spi.ArchiveStore#archiveParked}. */
        ARCHIVE_PARKED,
        /** {@link io.outbox.spi.ArchiveStore#archived}. */
        ARCHIVED,
        /** {@link io.outbox.spi.ArchiveStore#purgeArchive}. */
        PURGE_ARCHIVE,
        /** {@link io.outbox.spi.OutboxStore#oldestWaiting}. */
        OLDEST_WAITING,
        /** {@link io.outbox.spi.LeaseStore#join}. */
        JOIN,
        /** {@link io.outbox.spi.LeaseStore#heartbeat}. */
        HEARTBEAT,
        /** {@link io.outbox.spi.LeaseStore#claim}. */
        CLAIM,
        /** {@link io.outbox.spi.LeaseStore#release}. */
        RELEASE,
        /** {@link io.outbox.spi.LeaseStore#leave}. */
        LEAVE,
        /** {@link io.outbox.spi.ParkedStore#park}. */
        PARK,
        /** {@link io.outbox.spi.ParkedStore#due}. */
        DUE,
        /** {@link io.outbox.spi.ParkedStore#behind}. */
        BEHIND,
        /** {@link io.outbox.spi.ParkedStore#hasBlocking}. */
        HAS_BLOCKING,
        /** {@link io.outbox.spi.ParkedStore#repark}. */
        REPARK,
        /** {@link io.outbox.spi.ParkedStore#deleteParked}. */
        DELETE_PARKED,
        /** {@link io.outbox.spi.ParkedStore#list}. */
        LIST,
        /** {@link io.outbox.spi.ParkedStore#count}. */
        COUNT,
        /** {@link io.outbox.spi.ParkedStore#redrive}. */
        REDRIVE,
        /** {@link io.outbox.spi.ParkedStore#discard}. */
        DISCARD,
        /** {@link io.outbox.spi.DedupStore#record}. */
        RECORD,
        /** {@link io.outbox.spi.DedupStore#purge}. */
        PURGE
    }

    /** When an operation fails. */
    public enum Moment {
        /** Before the effect: nothing has happened. */
        BEFORE,
        /** After the effect: it has happened, and the caller does not know. */
        AFTER
    }

    /** Hears of every operation. */
    @FunctionalInterface
    public interface Hook {
        /**
         * Called before and after the effect of each operation, on the calling thread and outside every lock: it may
         * block the call, look at the database, or throw a {@link io.outbox.StoreException} to make the call fail.
         *
         * @param operation what is being done
         * @param moment before or after its effect
         */
        void at(Operation operation, Moment moment);
    }

    /**
     * Makes the next call of an operation fail. Repeated, it makes as many calls fail.
     *
     * @param operation which
     * @param moment before or after its effect
     */
    public synchronized void failNext(Operation operation, Moment moment) {
        planned.add(new Planned(requireNonNull(operation, "operation"), 0, requireNonNull(moment, "moment")));
    }

    /**
     * Makes one call of any operation fail, to sweep a scenario for every call it makes.
     *
     * @param number which, from 1 for the next one
     * @param moment before or after its effect
     * @throws IllegalArgumentException when the number is below 1
     */
    public synchronized void failCall(long number, Moment moment) {
        if (number < 1) {
            throw new IllegalArgumentException("number must be at least 1, was " + number);
        }
        planned.add(new Planned(null, calls + number, requireNonNull(moment, "moment")));
    }

    /** Makes every call fail before its effect, until {@link #clear()}. */
    public synchronized void failAll() {
        down = true;
    }

    /**
     * Sets the one hook that hears of every operation.
     *
     * @param hook the hook; replaces the one before
     */
    public synchronized void onOperation(Hook hook) {
        this.hook = requireNonNull(hook, "hook");
    }

    /** Forgets everything that was to fail, and the hook. The count of calls goes on. */
    public synchronized void clear() {
        planned.clear();
        down = false;
        hook = null;
    }

    /**
     * Returns how many operations were called so far, failed ones among them.
     *
     * @return the count since the database was made
     */
    public synchronized long calls() {
        return calls;
    }

    /** Counts a call and fails it if that is planned. The returned call is to be given to {@link #after}. */
    Call before(Operation operation) {
        Call call = start(operation);
        if (call.hook != null) {
            call.hook.at(operation, Moment.BEFORE);
        }
        if (call.failure == Moment.BEFORE) {
            throw new TransientStoreException("injected failure before " + operation + ", call " + call.number);
        }
        return call;
    }

    void after(Call call) {
        if (call.hook != null) {
            call.hook.at(call.operation, Moment.AFTER);
        }
        if (call.failure == Moment.AFTER) {
            throw new TransientStoreException("injected failure after " + call.operation + ", call " + call.number);
        }
    }

    private synchronized Call start(Operation operation) {
        calls++;
        if (down) {
            return new Call(operation, calls, Moment.BEFORE, hook);
        }
        for (int i = 0; i < planned.size(); i++) {
            Planned plan = planned.get(i);
            if (plan.operation == operation || (plan.operation == null && plan.number == calls)) {
                planned.remove(i);
                return new Call(operation, calls, plan.moment, hook);
            }
        }
        return new Call(operation, calls, null, hook);
    }

    /** One call under way. */
    record Call(
            Operation operation,
            long number,
            @Nullable Moment failure,
            @Nullable Hook hook) {}

    /** A failure to come: of the next call of an operation, or of the call with a number. */
    private record Planned(@Nullable Operation operation, long number, Moment moment) {}
}
