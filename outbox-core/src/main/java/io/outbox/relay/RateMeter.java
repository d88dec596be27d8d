package io.outbox.relay;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/** Counts, and tells the rate over the last ten seconds. Thread-safe. */
final class RateMeter {
    private static final long SPAN_NANOS = TimeUnit.SECONDS.toNanos(10);
    private static final long STEP_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private final LongSupplier ticker;
    /** All fields below are guarded by this. */
    private final Deque<Sample> samples = new ArrayDeque<>();

    private long count;

    private record Sample(long nanos, long count) {}

    RateMeter(LongSupplier ticker) {
        this.ticker = ticker;
        samples.add(new Sample(ticker.getAsLong(), 0));
    }

    synchronized void add(int more) {
        sample();
        count += more;
    }

    synchronized long count() {
        return count;
    }

    synchronized double perSecond() {
        sample();
        Sample first = samples.getFirst();
        long nanos = Math.max(STEP_NANOS, ticker.getAsLong() - first.nanos());
        return (count - first.count()) * 1e9 / nanos;
    }

    private void sample() {
        long now = ticker.getAsLong();
        if (now - samples.getLast().nanos() >= STEP_NANOS) {
            samples.addLast(new Sample(now, count));
        }
        while (samples.size() > 1 && now - samples.getFirst().nanos() > SPAN_NANOS) {
            samples.removeFirst();
        }
    }
}
