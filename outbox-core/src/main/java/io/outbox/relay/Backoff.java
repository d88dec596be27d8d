package io.outbox.relay;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with full jitter, after "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): the n-th
 * wait is drawn evenly from 0 to the first one doubled n-1 times, at most the longest. With 1 s and 60 s the fourth wait
 * is 0 to 8 s.
 */
record Backoff(Duration first, Duration longest) {
    private static final int MAX_DOUBLINGS = 30;

    Backoff {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "the longest delay must be >= the first and the first > 0, were " + longest + " and " + first);
        }
        if (longest.compareTo(Relay.Builder.LONGEST) > 0) {
            throw new IllegalArgumentException("delays must be <= " + Relay.Builder.LONGEST + ", was " + longest);
        }
    }

    /** The n-th wait, n from 1. */
    Duration delay(int n, RandomGenerator random) {
        return Duration.ofNanos(random.nextLong(ceilingNanos(n) + 1));
    }

    private long ceilingNanos(int n) {
        long ceiling = longest.toNanos();
        int doublings = Math.min(Math.max(n, 1) - 1, MAX_DOUBLINGS);
        return first.toNanos() <= ceiling >> doublings ? first.toNanos() << doublings : ceiling;
    }
}
