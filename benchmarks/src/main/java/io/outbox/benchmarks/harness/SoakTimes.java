package io.outbox.benchmarks.harness;

import java.time.Duration;

/**
 * Times of a soak. What has to come round several times before a table stops growing is short in a short soak, so that three
 * minutes have a plateau as an hour has.
 */
public final class SoakTimes {
    private static final int SAMPLES = 120;
    private static final int ROUNDS = 20;
    private static final Duration SHORTEST_SAMPLE = Duration.ofSeconds(1);
    private static final Duration LONGEST_SAMPLE = Duration.ofSeconds(30);
    private static final Duration SHORTEST_KEEP = Duration.ofSeconds(3);
    private static final Duration LONGEST_KEEP = Duration.ofMinutes(3);
    private static final Duration SHORTEST_NAP = Duration.ofSeconds(1);
    /** What PostgreSQL has by default: in a soak of 20 minutes or more nothing is changed. */
    private static final Duration LONGEST_NAP = Duration.ofMinutes(1);

    private SoakTimes() {}

    /** Returns how often to look. */
    public static Duration sampleEvery(Duration soak) {
        return between(SHORTEST_SAMPLE, soak.dividedBy(SAMPLES), LONGEST_SAMPLE);
    }

    /** Returns how long handled messages are remembered. */
    public static Duration keepFor(Duration soak) {
        return between(SHORTEST_KEEP, soak.dividedBy(ROUNDS), LONGEST_KEEP);
    }

    /** Returns how often PostgreSQL looks for tables to vacuum. */
    static Duration vacuumEvery(Duration soak) {
        return between(SHORTEST_NAP, soak.dividedBy(ROUNDS), LONGEST_NAP);
    }

    private static Duration between(Duration least, Duration value, Duration most) {
        if (value.compareTo(least) < 0) {
            return least;
        }
        return value.compareTo(most) > 0 ? most : value;
    }
}
