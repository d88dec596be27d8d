package io.outbox.spi;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The order to take one message off the hot path.
 *
 * @param message the message in the hot table
 * @param state where it goes
 * @param attempts how many attempts count so far
 * @param delay how long to wait before the next attempt, on the database's clock
 * @param error the reason, in words for an operator; null when nothing failed
 */
public record Parking(
        StoredMessage message,
        ParkedState state,
        int attempts,
        Duration delay,
        @Nullable String error) {
    /** Checks that nothing is missing. */
    public Parking {
        requireNonNull(message, "message");
        requireNonNull(state, "state");
        requireNonNull(delay, "delay");
    }
}
