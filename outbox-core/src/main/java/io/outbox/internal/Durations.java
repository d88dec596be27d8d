package io.outbox.internal;

import static java.util.Objects.requireNonNull;

import java.time.Duration;

/** The durations that settings may have. */
public final class Durations {
    /** About a hundred years: what is longer cannot be counted in nanoseconds. */
    public static final Duration LONGEST = Duration.ofDays(36_500);

    private Durations() {}

    /**
     * Checks a duration that must be above zero.
     *
     * @param name what the setting is called
     * @param value what it is given
     * @return the value
     * @throws IllegalArgumentException when it is zero, negative or above {@link #LONGEST}
     */
    public static Duration positive(String name, Duration value) {
        if (requireNonNull(value, name).isNegative() || value.isZero()) {
            throw new IllegalArgumentException(name + " must be > 0, was " + value);
        }
        return notTooLong(name, value);
    }

    /**
     * Checks a duration that may be zero.
     *
     * @param name what the setting is called
     * @param value what it is given
     * @return the value
     * @throws IllegalArgumentException when it is negative or above {@link #LONGEST}
     */
    public static Duration notNegative(String name, Duration value) {
        if (requireNonNull(value, name).isNegative()) {
            throw new IllegalArgumentException(name + " must be >= 0, was " + value);
        }
        return notTooLong(name, value);
    }

    /**
     * Checks the upper bound alone.
     *
     * @param name what the setting is called
     * @param value what it is given
     * @return the value
     * @throws IllegalArgumentException when it is above {@link #LONGEST}
     */
    public static Duration notTooLong(String name, Duration value) {
        if (value.compareTo(LONGEST) > 0) {
            throw new IllegalArgumentException(name + " must be <= " + LONGEST + ", was " + value);
        }
        return value;
    }

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
}
