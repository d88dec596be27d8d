package io.outbox.torture;

import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/**
 * A time without any effect.
 *
 * @param from the last effect before it
 * @param to the first one after it
 */
public record Outage(Instant from, Instant to) {
    /** Returns how long it was. */
    public Duration length() {
        return Duration.between(from, to);
    }

    @Override
    public String toString() {
        return String.format(Locale.ROOT, "%.1f s, from %s", length().toMillis() / 1_000.0, from);
    }
}
