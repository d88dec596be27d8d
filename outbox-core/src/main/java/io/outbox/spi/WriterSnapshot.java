package io.outbox.spi;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;

/**
 * What the database knew about writing transactions at the moment of a read.
 *
 * <p>Transactions have numbers that grow in the order in which they started to write. A transaction is finished at this
 * snapshot when its number is below {@code next} and not among {@code running}. Immutable by convention: the array is
 * not copied.
 *
 * <p>A database without such numbers may take the ids of messages for them, as if each message had a transaction of its
 * own: {@link #ofIds}.
 *
 * @param known false when the database tells nothing; the other components are then meaningless
 * @param areIds whether the numbers are ids of messages
 * @param next one above the highest number that is known to be finished or running; a transaction with this number or a
 *     higher one may already be running
 * @param running the unfinished transactions below {@code next}, ascending
 */
public record WriterSnapshot(boolean known, boolean areIds, long next, long[] running) {
    private static final WriterSnapshot UNKNOWN = new WriterSnapshot(false, false, 0, new long[0]);

    /** Checks that nothing is missing. */
    public WriterSnapshot {
        requireNonNull(running, "running");
    }

    /**
     * Returns the snapshot of a database that tells nothing about running transactions.
     *
     * @return the unknown snapshot
     */
    public static WriterSnapshot unknown() {
        return UNKNOWN;
    }

    /**
     * Makes a known snapshot.
     *
     * @param next one above the highest number that is known to be finished or running
     * @param running the unfinished transactions below {@code next}, ascending
     * @return the snapshot
     */
    public static WriterSnapshot of(long next, long... running) {
        return new WriterSnapshot(true, false, next, running);
    }

    /**
     * Makes a snapshot of messages instead of transactions, for a database that shows rows which are not committed.
     * Between drawing its id and becoming a row, a message cannot be seen: the relay searches the ids of the last second
     * again, whatever the snapshot says. The store must have looked twice at each id before it goes below {@code next},
     * or a message that takes longer than that waits for the sweep.
     *
     * @param next one above the highest id for which it is known whether its message is uncommitted
     * @param uncommitted ids below {@code next} whose messages are written and not committed, ascending; they stay until
     *     the message is visible to every later call, or gone
     * @return the snapshot
     */
    public static WriterSnapshot ofIds(long next, long... uncommitted) {
        return new WriterSnapshot(true, true, next, uncommitted);
    }

    /**
     * Tells whether a transaction was finished.
     *
     * @param transaction its number
     * @return true when its effects were visible, or had been rolled back
     */
    public boolean isFinished(long transaction) {
        return transaction < next && Arrays.binarySearch(running, transaction) < 0;
    }

    /**
     * Returns the lowest number that may be unfinished.
     *
     * @return every transaction below it is finished
     */
    public long oldestUnfinished() {
        return running.length == 0 ? next : running[0];
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof WriterSnapshot that
                && known == that.known
                && areIds == that.areIds
                && next == that.next
                && Arrays.equals(running, that.running);
    }

    @Override
    public int hashCode() {
        return Long.hashCode(next) * 31 + Arrays.hashCode(running);
    }
}
