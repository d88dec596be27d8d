package io.outbox.relay;

import io.outbox.spi.ArchiveStore;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Deletes copies of published messages whose retention is over: small batches with pauses, so that nobody feels it. */
final class PurgePass implements PassLoop.Pass {
    private static final int BATCH = 500;
    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(100);
    private static final Duration LONGEST_INTERVAL = Duration.ofMinutes(1);
    private static final Duration SHORTEST_INTERVAL = Duration.ofMillis(500);
    private static final int INTERVALS = 10;

    private final ArchiveStore store;
    private final Duration retention;
    private final long intervalNanos;

    PurgePass(ArchiveStore store, Duration retention) {
        this.store = store;
        this.retention = retention;
        Duration interval = retention.dividedBy(INTERVALS);
        if (interval.compareTo(LONGEST_INTERVAL) > 0) {
            interval = LONGEST_INTERVAL;
        }
        intervalNanos = Math.max(interval.toNanos(), SHORTEST_INTERVAL.toNanos());
    }

    @Override
    public long run() {
        return store.purgeArchive(retention, BATCH) == BATCH ? PAUSE : intervalNanos;
    }
}
