package io.outbox.relay;

import io.outbox.spi.OutboxStore;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.ReadResult;
import io.outbox.spi.StoredMessage;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The reader of a channel: reads on from the cursor, looks for late commits below it, and hands messages to the window in
 * the order of their ids.
 *
 * <p>Order: a read that shows a message of a key shows, or an earlier step has shown, every earlier message of that key,
 * provided that what was committed late below the cursor is found before the new messages are handed on. That is why the
 * search comes after the read and its results before the read's.
 */
final class ReadPass implements PassLoop.Pass {
    /** While the broker is tried again, so many messages go at once. */
    private static final int PROBE_BATCH = 50;

    private static final int LATE_LOAD = 32;

    /** Of so many messages found within {@link #RECENT_NANOS}, each makes the wait longer by a shortest poll. */
    private static final int FEW = 8;

    private static final double RECENT_NANOS = 16e6;

    /** The longest wait while messages come, in shortest polls. */
    private static final int LONGEST_GATHERING = 8;

    private final OutboxStore<?> store;
    private final String channel;
    private final RelaySettings settings;
    private final Leases leases;
    private final ReadCursor cursor;
    private final Window window;
    private final Circuit circuit;
    private final BlockedKeys blockedKeys;
    private final Runnable onRecovery;

    /** The last read failed. */
    private boolean failed;

    /** What the step under way has read, or may read, that is not in the window yet. */
    private volatile Set<Integer> reading = Set.of();

    private Map<Integer, Long> lastShards = Map.of();
    private long pollNanos;
    private long lastReadNanos;
    /** How many messages were found of late. */
    private double recent;

    /**
     * When the last read took all there was and many came of late, wake-ups are gathered into one read for a moment: under
     * load many small reads would cost the database, the broker and the writers more than the moment is worth.
     */
    private volatile long gatherNanos;

    ReadPass(
            OutboxStore<?> store,
            String channel,
            RelaySettings settings,
            Leases leases,
            ReadCursor cursor,
            Window window,
            Circuit circuit,
            BlockedKeys blockedKeys,
            Runnable onRecovery) {
        this.store = store;
        this.channel = channel;
        this.settings = settings;
        this.leases = leases;
        this.cursor = cursor;
        this.window = window;
        this.circuit = circuit;
        this.blockedKeys = blockedKeys;
        this.onRecovery = onRecovery;
        pollNanos = settings.shortestPoll().toNanos();
    }

    @Override
    public long run() {
        gatherNanos = 0;
        Map<Integer, Long> shards = leases.readable();
        if (shards.isEmpty()) {
            lastShards = Map.of();
            return PassLoop.UNTIL_WOKEN;
        }
        if (window.isHalted()) {
            long wait = recover();
            if (wait > 0) {
                return wait;
            }
        }
        int limit =
                Math.min(window.room(), circuit.state() == CircuitState.CLOSED ? settings.batchSize() : PROBE_BATCH);
        if (limit == 0 || (circuit.state() == CircuitState.HALF_OPEN && window.hasUnresolved())) {
            return PassLoop.UNTIL_WOKEN;
        }
        reading = shards.keySet();
        try {
            boolean isUnchanged = leases.readable().equals(shards); // else one may have been given back just before
            return isUnchanged ? read(shards, limit) : 0;
        } finally {
            reading = Set.of();
        }
    }

    /** Whether a shard may be given back as far as the reader is concerned. */
    boolean isDrained(int shard) {
        return !reading.contains(shard);
    }

    private long read(Map<Integer, Long> shards, int limit) {
        if (!lastShards.entrySet().containsAll(shards.entrySet())) {
            cursor.requestRewind(0);
            blockedKeys.assume();
        }
        if (failed) { // what was known of running transactions before may not hold for a server that was restarted
            cursor.requestRewind(0);
        }
        cursor.rewindIfRequested();
        lastShards = shards;
        window.beginRead();
        long now = settings.ticker().getAsLong();
        recent *= Math.max(0, 1 - (now - lastReadNanos) / RECENT_NANOS);
        lastReadNanos = now;
        long from = cursor.position();
        ReadResult found = read(new ReadRequest(
                channel, shards.keySet(), from, limit, settings.maxInlinePayload(), blockedKeys.mayExist()));
        Step step = handOn(found, shards, from, limit);
        return nextDelay(step, found.messages().size(), limit);
    }

    private ReadResult read(ReadRequest request) {
        boolean recovers = failed;
        failed = true;
        ReadResult found = store.read(request);
        failed = false;
        if (recovers) {
            onRecovery.run();
        }
        return found;
    }

    /** What a step came to. */
    private enum Step {
        NOTHING,
        PROGRESS,
        NO_ROOM,
        HALTED
    }

    private Step handOn(ReadResult found, Map<Integer, Long> shards, long from, int limit) {
        Step late = handOnLate(found, shards, from);
        if (late == Step.NO_ROOM || late == Step.HALTED) {
            return late;
        }
        long done = from;
        Step step = late;
        for (StoredMessage message : found.messages()) {
            Step one = handOn(message, found.blocked().contains(message.id()));
            if (one == Step.NO_ROOM || one == Step.HALTED) {
                cursor.advance(done, found.writers(), lastReadNanos);
                return one;
            }
            done = message.id();
            step = Step.PROGRESS;
        }
        boolean exhausted = found.messages().size() < limit;
        cursor.advance(exhausted ? Math.max(done, found.topId()) : done, found.writers(), lastReadNanos);
        return step;
    }

    /**
     * Finds and hands on what was committed below the cursor since the last step.
     *
     * <p>The list of ids is younger than the read, and may show messages of a transaction that was still running then, whose
     * earlier messages stand below the range. The messages themselves are loaded later still: if no transaction that may
     * have written below the range has finished until then, the list is complete; else the range grows.
     */
    private Step handOnLate(ReadResult found, Map<Integer, Long> shards, long from) {
        long lateFrom = cursor.lateFrom(found.writers(), lastReadNanos);
        int limit = settings.maxInFlight() * 2;
        Set<String> blocked = keysOfBlocked(found);
        Step step = Step.NOTHING;
        while (lateFrom < from) {
            long[] ids = store.idsBetween(channel, shards.keySet(), lateFrom, from, limit);
            List<Long> late = notInFlight(ids);
            long searched = lateFrom;
            for (int i = 0; i < late.size() && lateFrom == searched; i += LATE_LOAD) {
                ReadResult loaded = load(late.subList(i, Math.min(late.size(), i + LATE_LOAD)));
                lateFrom = Math.min(searched, cursor.lateFrom(loaded.writers(), lastReadNanos));
                step = lateFrom == searched ? handOnLoaded(loaded, blocked) : step;
                if (step == Step.NO_ROOM || step == Step.HALTED) {
                    return step;
                }
            }
            if (lateFrom == searched && ids.length < limit) {
                return step;
            }
        }
        return step;
    }

    private List<Long> notInFlight(long[] ids) {
        List<Long> others = new ArrayList<>();
        for (long id : ids) {
            if (!window.contains(id)) {
                others.add(id);
            }
        }
        return others;
    }

    private ReadResult load(List<Long> ids) {
        return store.load(ids.stream().mapToLong(Long::longValue).toArray());
    }

    /** Keys that were blocked at the read: their later messages are parked, so these are too, though it may be over by now. */
    private static Set<String> keysOfBlocked(ReadResult found) {
        Set<String> keys = new HashSet<>();
        for (StoredMessage message : found.messages()) {
            String key = message.message().key();
            if (key != null && found.blocked().contains(message.id())) {
                keys.add(key);
            }
        }
        return keys;
    }

    private Step handOnLoaded(ReadResult loaded, Set<String> blocked) {
        for (StoredMessage message : loaded.messages()) {
            String key = message.message().key();
            boolean isBlocked = loaded.blocked().contains(message.id()) || (key != null && blocked.contains(key));
            Step one = handOn(message, isBlocked);
            if (one == Step.NO_ROOM || one == Step.HALTED) {
                return one;
            }
        }
        return Step.PROGRESS;
    }

    private Step handOn(StoredMessage message, boolean blocked) {
        if (window.contains(message.id())) {
            return Step.PROGRESS;
        }
        if (!leases.isStillHeld(message.shard(), lastShards.get(message.shard()))) {
            return Step.HALTED; // others may have parked an earlier message of its key since it was read
        }
        if (!window.hasRoomFor(message.payloadSize())) {
            return Step.NO_ROOM;
        }
        if (message.isPayloadLeftOut()) {
            List<StoredMessage> loaded = store.load(new long[] {message.id()}).messages();
            return loaded.isEmpty() || window.admit(loaded.get(0), blocked) ? Step.PROGRESS : Step.HALTED;
        }
        return window.admit(message, blocked) ? Step.PROGRESS : Step.HALTED;
    }

    /** The channel was unavailable: when all outcomes are in and the wait is over, reads again what was given back. */
    private long recover() {
        if (window.hasUnresolved()) {
            return PassLoop.UNTIL_WOKEN;
        }
        long wait = circuit.nanosUntilTry(settings.ticker().getAsLong());
        if (wait > 0) {
            return wait;
        }
        long lowest = window.takeLowestReturned();
        if (lowest != Long.MAX_VALUE) {
            cursor.requestRewind(lowest - 1);
        }
        circuit.tryAgain();
        window.resume();
        return 0;
    }

    private long nextDelay(Step step, int found, int limit) {
        gatherNanos = 0;
        if (step == Step.NO_ROOM || step == Step.HALTED) {
            return PassLoop.UNTIL_WOKEN;
        }
        recent += found;
        if (found == limit) {
            return 0;
        }
        long shortest = settings.shortestPoll().toNanos();
        if (step == Step.PROGRESS) {
            gatherNanos = shortest * Math.min(LONGEST_GATHERING, (int) recent / FEW);
            pollNanos = shortest;
            return Math.max(gatherNanos, shortest);
        }
        pollNanos = Math.min(pollNanos * 2, settings.longestPoll().toNanos());
        return pollNanos;
    }

    @Override
    public long gatherNanos() {
        return gatherNanos;
    }
}
