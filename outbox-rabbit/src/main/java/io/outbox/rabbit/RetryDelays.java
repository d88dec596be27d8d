package io.outbox.rabbit;

import java.time.Duration;
import java.util.random.RandomGenerator;

/** Waits between attempts: the n-th is drawn between half of and all of the first, doubled n-1 times, up to the longest. */
record RetryDelays(Duration first, Duration longest) {
    private static final int MAX_DOUBLINGS = 30;

    RetryDelays {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "retryDelays must be > 0 and the longest not below the first, were " + first + " and " + longest);
        }
    }

    /** The n-th wait in nanoseconds, n from 1. */
    long nanos(int n, RandomGenerator random) {
        long ceiling = longest.toNanos();
        int doublings = Math.min(Math.max(n, 1) - 1, MAX_DOUBLINGS);
        if (first.toNanos() <= ceiling >> doublings) {
            ceiling = first.toNanos() << doublings;
        }
        return ceiling / 2 + random.nextLong(ceiling / 2 + 1);
    }
}
