package io.outbox.relay;

import io.outbox.spi.WriterSnapshot;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * How far a channel's reader has come, and where messages committed late may still stand below that.
 *
 * <p>Invariant, after each {@link #advance}: every message with an id up to the position that was visible at the last
 * snapshot has been handed on. What can become visible below the position afterwards belongs to a transaction that was
 * unfinished at that snapshot. {@link #lateFrom} tells from the next snapshot whether one of those has finished since,
 * and the lowest id it can have used.
 *
 * <p>That lowest id comes from <em>marks</em>: a mark (position p, number b) says that the transaction with number b began
 * to write after a read had come to p. A transaction numbered b or higher draws its ids after it got its number, so all
 * its ids are above p. Marks are a by-product of the transactions that delete acknowledged messages. Forgetting a mark is
 * always safe: a longer range is searched. A wrong range delays a message until the full sweep, it never loses one,
 * because a row stays until its own id is deleted.
 *
 * <p>Where the numbers are ids of messages, no marks are needed, but a message may have drawn its id and not be written
 * yet. So what was read within the last second is searched at each step; a message that is older than that when it is
 * committed has been among the unfinished ones.
 *
 * <p>Where the database tells nothing about writers, everything above the position of some time ago is searched.
 *
 * <p>Thread-safe: the reader moves it, the deleter adds marks, the sweeper asks for a rewind.
 */
final class ReadCursor {
    private static final int MAX_MARKS = 2048;
    private static final long NO_REWIND = Long.MAX_VALUE;
    /** How long a message may take from drawing its id to being a row. */
    private static final long WRITING_NANOS = Duration.ofSeconds(1).toNanos();

    private final long maxTransactionNanos;
    /** All fields below are guarded by this. */
    private final NavigableMap<Long, Long> positionsByMark = new TreeMap<>();

    private final Deque<TimedPosition> history = new ArrayDeque<>();
    private long position;
    private long floorByTime;
    private long rewindTo = NO_REWIND;
    private @Nullable WriterSnapshot previous;
    private long previousNanos;

    private record TimedPosition(long nanos, long position) {}

    ReadCursor(Duration maxTransactionTime) {
        maxTransactionNanos = maxTransactionTime.toNanos();
    }

    synchronized long position() {
        return position;
    }

    /** The lower bound, exclusive, of ids that must be searched before rows of this snapshot are handed on. */
    synchronized long lateFrom(WriterSnapshot now, long nanos) {
        if (!now.known()) {
            forgetOldPositions(nanos, maxTransactionNanos);
            return Math.min(floorByTime, position);
        }
        WriterSnapshot before = previous;
        if (now.areIds()) {
            // by the time of the step before: what was read then is searched once more, however long ago that was
            forgetOldPositions(previousNanos, Math.min(WRITING_NANOS, maxTransactionNanos));
            long oldest = before == null ? Long.MAX_VALUE : oldestFinishedSince(before, now);
            return Math.min(Math.min(floorByTime, position), oldest - 1);
        }
        if (before == null) {
            return position;
        }
        long oldest = oldestFinishedSince(before, now);
        if (oldest == Long.MAX_VALUE) {
            return position;
        }
        Map.Entry<Long, Long> mark = positionsByMark.floorEntry(oldest);
        return Math.min(position, mark == null ? 0 : mark.getValue());
    }

    /** Moves on after everything up to the new position that the snapshot showed has been handed on. */
    synchronized void advance(long newPosition, WriterSnapshot snapshot, long nanos) {
        if (newPosition > position) {
            position = newPosition;
            if (!snapshot.known() || snapshot.areIds()) {
                history.addLast(new TimedPosition(nanos, newPosition));
            }
        }
        if (snapshot.known()) {
            previous = snapshot;
            previousNanos = nanos;
            Long newestUseless = positionsByMark.floorKey(snapshot.oldestUnfinished());
            if (newestUseless != null) {
                positionsByMark.headMap(newestUseless, false).clear();
            }
        }
    }

    /** Records that a transaction with this number began to write after the reader had come to the position. */
    synchronized void mark(long atPosition, long number) {
        positionsByMark.put(number, atPosition);
        if (positionsByMark.size() > MAX_MARKS) {
            thinOut();
        }
    }

    /** Has everything above the id read again, from the next step of the reader on. */
    synchronized void requestRewind(long toId) {
        rewindTo = Math.min(rewindTo, toId);
    }

    /** Carries out a requested rewind; called by the reader between steps. Marks stay: they are facts about ids. */
    synchronized void rewindIfRequested() {
        if (rewindTo < position) {
            position = rewindTo;
        }
        rewindTo = NO_REWIND;
    }

    /** Own deletions hold no messages; they are known by their marks and do not count. */
    private long oldestFinishedSince(WriterSnapshot before, WriterSnapshot now) {
        for (long transaction : before.running()) {
            if (now.isFinished(transaction) && !positionsByMark.containsKey(transaction)) {
                return transaction;
            }
        }
        for (long transaction = before.next(); transaction < now.next(); transaction++) {
            if (now.isFinished(transaction) && !positionsByMark.containsKey(transaction)) {
                return transaction;
            }
        }
        return Long.MAX_VALUE;
    }

    private void forgetOldPositions(long nanos, long age) {
        TimedPosition first = history.peekFirst();
        while (first != null && nanos - first.nanos() >= age) {
            floorByTime = Math.max(floorByTime, first.position());
            history.removeFirst();
            first = history.peekFirst();
        }
        if (history.size() > MAX_MARKS) {
            dropEverySecond(history.iterator());
        }
    }

    private void thinOut() {
        dropEverySecond(positionsByMark.keySet().iterator());
    }

    private static void dropEverySecond(Iterator<?> iterator) {
        boolean drop = false;
        while (iterator.hasNext()) {
            iterator.next();
            if (drop && iterator.hasNext()) {
                iterator.remove();
            }
            drop = !drop;
        }
    }
}
