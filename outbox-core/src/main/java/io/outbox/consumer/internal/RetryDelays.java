package io.outbox.consumer.internal;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * Waits between attempts: the n-th is drawn evenly between half of and all of the first one doubled n-1 times, at most
 * the longest. With 100 ms and 10 s the third wait is 200 to 400 ms. Immutable.
 *
 * @param first upper bound of the first wait, above zero
 * @param longest upper bound of any wait, not below the first
 */
public record RetryDelays(Duration first, Duration longest) {
    /** About a hundred years: what is longer cannot be counted in nanoseconds. */
    public static final Duration LONGEST = Duration.ofDays(36_500);

    private static final int MAX_DOUBLINGS = 30;

    /**
     * Returns a limit of a wait that can be counted in nanoseconds.
     *
     * @param limit any limit
     * @return it, zero if it is negative, at most {@link #LONGEST}
     */
    public static Duration countable(Duration limit) {
        if (limit.isNegative()) {
            return Duration.ZERO;
        }
        return limit.compareTo(LONGEST) < 0 ? limit : LONGEST;
    }

    /** Checks the bounds. */
    public RetryDelays {
        if (first.isNegative() || first.isZero() || longest.compareTo(first) < 0) {
            throw new IllegalArgumentException(
                    "the longest delay must be >= the first and the first > 0, were " + longest + " and " + first);
        }
        if (longest.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException("delays must be <= " + LONGEST + ", was " + longest);
        }
    }

    /**
     * Draws a wait.
     *
     * @param n the number of the wait, from 1
     * @param random decides
     * @return how long
     */
    public Duration delay(int n, RandomGenerator random) {
        long ceiling = longest.toNanos();
        int doublings = Math.min(Math.max(n, 1) - 1, MAX_DOUBLINGS);
        if (first.toNanos() <= ceiling >> doublings) {
            ceiling = first.toNanos() << doublings;
        }
        return Duration.ofNanos(ceiling / 2 + random.nextLong(ceiling / 2 + 1));
    }
}
