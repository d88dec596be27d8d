package io.outbox.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A message off the hot path.
 *
 * @param parkedId the id under which it is parked
 * @param state why it is there
 * @param attempts how many attempts counted so far
 * @param notBefore when it is due, on the database's clock
 * @param parkedAt since when it is parked
 * @param lastError the last failure; null when it was never tried
 * @param message the message; its id is the one it had in the hot table, 0 when it never was there
 */
public record ParkedMessage(
        long parkedId,
        ParkedState state,
        int attempts,
        Instant notBefore,
        Instant parkedAt,
        @Nullable String lastError,
        StoredMessage message) {
    /** Checks that nothing is missing. */
    public ParkedMessage {
        requireNonNull(state, "state");
        requireNonNull(notBefore, "notBefore");
        requireNonNull(parkedAt, "parkedAt");
        requireNonNull(message, "message");
    }
}
