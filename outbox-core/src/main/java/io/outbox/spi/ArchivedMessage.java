package io.outbox.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A message that was published and is kept for a time.
 *
 * @param publishedAt when its acknowledgement was recorded, on the database's clock
 * @param message the message; its id is the one it had in the hot table, 0 when it never was there
 */
public record ArchivedMessage(Instant publishedAt, StoredMessage message) {
    /** Checks that nothing is missing. */
    public ArchivedMessage {
        requireNonNull(publishedAt, "publishedAt");
        requireNonNull(message, "message");
    }
}
