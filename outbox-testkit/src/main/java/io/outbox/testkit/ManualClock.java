package io.outbox.testkit;

import static java.util.Objects.requireNonNull;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;

/**
 * Stands still until a test moves it. It is a wall clock and, through {@link #nanoTime()}, a monotonic one. Thread-safe.
 */
public final class ManualClock extends Clock {
    private static final Instant START = Instant.parse("2025-01-01T00:00:00Z");

    private final Time time;
    private final ZoneId zone;

    /** Makes a clock that stands at 2025-01-01T00:00:00Z. */
    public ManualClock() {
        this(START);
    }

    /**
     * Makes a clock that stands at a time of the caller's choice, in UTC.
     *
     * @param start the time it shows
     */
    public ManualClock(Instant start) {
        this(new Time(requireNonNull(start, "start")), ZoneOffset.UTC);
    }

    private ManualClock(Time time, ZoneId zone) {
        this.time = time;
        this.zone = requireNonNull(zone, "zone");
    }

    /**
     * Lets time pass, on the wall clock and on the monotonic one.
     *
     * @param duration how much; zero does nothing
     * @throws IllegalArgumentException when it is negative: use {@link #jumpTo} for a wall clock that is set back
     */
    public void advance(Duration duration) {
        if (duration.isNegative()) {
            throw new IllegalArgumentException("duration must not be negative, was " + duration);
        }
        time.advance(duration);
    }

    /**
     * Sets the wall clock, as an operator or NTP does, forward or back. The monotonic clock does not move.
     *
     * @param instant the time it shows from now
     */
    public void jumpTo(Instant instant) {
        time.jumpTo(requireNonNull(instant, "instant"));
    }

    /**
     * Returns the monotonic clock, to be passed in where {@link System#nanoTime()} would be: {@code clock::nanoTime}.
     *
     * @return nanoseconds that were advanced so far
     */
    public long nanoTime() {
        return time.nanos();
    }

    @Override
    public Instant instant() {
        return time.now();
    }

    @Override
    public ZoneId getZone() {
        return zone;
    }

    /**
     * Returns a view of this clock in another zone: whoever moves one moves both.
     *
     * @param zone the zone
     * @return the view
     */
    @Override
    public ManualClock withZone(ZoneId zone) {
        return new ManualClock(time, zone);
    }

    @Override
    public String toString() {
        return "ManualClock[" + instant() + "]";
    }

    private static final class Time {
        private Instant now;
        private long nanos;

        Time(Instant now) {
            this.now = now;
        }

        synchronized void advance(Duration duration) {
            now = now.plus(duration);
            nanos += duration.toNanos();
        }

        synchronized void jumpTo(Instant instant) {
            now = instant;
        }

        synchronized Instant now() {
            return now;
        }

        synchronized long nanos() {
            return nanos;
        }
    }
}
