package io.outbox.internal;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Exponential backoff with jitter, after "Exponential Backoff And Jitter" (AWS Architecture Blog, 2015): the n-th wait is at
 * most the first one doubled n-1 times, and at most the longest. Immutable.
 *
 * @param first upper bound of the first wait, above zero
 * @param longest upper bound of any wait, not below the first, at most {@link Durations#LONGEST}
 */
public record Backoff(Duration first, Duration longest) {
    private static final int MAX_DOUBLINGS = 30;

    /** Checks the bounds. */
    public Backoff {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "the longest delay must be >= the first and the first > 0, were " + longest + " and " + first);
        }
        Durations.notTooLong("delays", longest);
    }

    /**
     * Draws a wait evenly from zero to its bound: many that wait for the same thing come back as far apart as can be. With
     * 1 s and 60 s the fourth wait is 0 to 8 s.
     *
     * @param n the number of the wait, from 1
     * @param random decides
     * @return how long
     */
    public Duration delay(int n, RandomGenerator random) {
        return Duration.ofNanos(random.nextLong(ceilingNanos(n) + 1));
    }

    /**
     * Draws a wait evenly from half of its bound to all of it: who waits alone never tries again at once. With 100 ms and
     * 10 s the third wait is 200 to 400 ms.
     *
     * @param n the number of the wait, from 1
     * @param random decides
     * @return how long
     */
    public Duration delayFromHalf(int n, RandomGenerator random) {
        long half = ceilingNanos(n) / 2;
        return Duration.ofNanos(half + random.nextLong(half + 1));
    }

    private long ceilingNanos(int n) {
        long ceiling = longest.toNanos();
        int doublings = Math.min(Math.max(n, 1) - 1, MAX_DOUBLINGS);
        return first.toNanos() <= ceiling >> doublings ? first.toNanos() << doublings : ceiling;
    }
}
