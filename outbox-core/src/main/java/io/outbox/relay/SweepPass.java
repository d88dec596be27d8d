package io.outbox.relay;

import io.outbox.spi.OutboxStore;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The net under the cursor: from time to time looks through everything below it for messages that are not in flight, and
 * has the reader go back to them. What it finds was missed by wrong knowledge of running transactions, or given back by a
 * lost lease. A message that was being deleted meanwhile is told from a missed one by a second look.
 */
final class SweepPass implements PassLoop.Pass {
    private static final Logger LOG = LoggerFactory.getLogger(SweepPass.class);

    static final long HURRIED_NANOS = Duration.ofSeconds(1).toNanos();
    private static final int HURRIED_SWEEPS = 3;

    private final OutboxStore<?> store;
    private final String channel;
    private final RelaySettings settings;
    private final Leases leases;
    private final ReadCursor cursor;
    private final Window window;
    private final Runnable onFound;
    private final AtomicInteger hurried = new AtomicInteger();

    SweepPass(
            OutboxStore<?> store,
            String channel,
            RelaySettings settings,
            Leases leases,
            ReadCursor cursor,
            Window window,
            Runnable onFound) {
        this.store = store;
        this.channel = channel;
        this.settings = settings;
        this.leases = leases;
        this.cursor = cursor;
        this.window = window;
        this.onFound = onFound;
    }

    /** The database was away: an insert that was held up when it came back may be seen late. */
    void hurry() {
        hurried.set(HURRIED_SWEEPS);
    }

    @Override
    public long run() {
        Set<Integer> shards = leases.readable().keySet();
        if (!shards.isEmpty() && !window.isHalted()) {
            sweep(shards);
        }
        long interval = settings.sweepInterval().toNanos();
        return hurried.getAndUpdate(left -> Math.max(0, left - 1)) > 0 ? Math.min(HURRIED_NANOS, interval) : interval;
    }

    private void sweep(Set<Integer> shards) {
        int limit = settings.maxInFlight() * 2;
        long from = 0;
        long upTo = cursor.position();
        while (from < upTo) {
            long[] ids = store.idsBetween(channel, shards, from, upTo, limit);
            long missed = lowestMissed(shards, notInFlight(ids), upTo);
            if (missed != Long.MAX_VALUE) {
                LOG.info("outbox {}: message {} stood below the cursor, reading again from there", channel, missed);
                cursor.requestRewind(missed - 1);
                onFound.run();
                return;
            }
            from = ids.length < limit ? upTo : ids[ids.length - 1];
        }
    }

    private long lowestMissed(Set<Integer> shards, Set<Long> suspects, long upTo) {
        if (suspects.isEmpty()) {
            return Long.MAX_VALUE;
        }
        long lowest = suspects.stream().mapToLong(Long::longValue).min().getAsLong();
        long highest = suspects.stream().mapToLong(Long::longValue).max().getAsLong();
        long stillRead = Math.min(upTo, cursor.position());
        int limit = settings.maxInFlight() * 4;
        for (long id : store.idsBetween(channel, shards, lowest - 1, highest, limit)) {
            if (suspects.contains(id) && id <= stillRead && !window.contains(id)) {
                return id;
            }
        }
        return Long.MAX_VALUE;
    }

    private Set<Long> notInFlight(long[] ids) {
        Set<Long> suspects = new HashSet<>();
        for (long id : ids) {
            if (!window.contains(id)) {
                suspects.add(id);
            }
        }
        return suspects;
    }
}
