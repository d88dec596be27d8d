package io.outbox.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;

/**
 * A committed message as the store gives it to the relay, and the relay to a publisher.
 *
 * @param id the store's id: grows in the order in which messages were written
 * @param shard the shard
 * @param createdAt when it was written, on the database's clock
 * @param attempt the number of this attempt to publish, from 1
 * @param payloadSize bytes of the payload, also when it was left out
 * @param message the message; its payload is empty when it was left out
 */
public record StoredMessage(long id, int shard, Instant createdAt, int attempt, int payloadSize, OutboxRecord message) {

    /** Checks that nothing is missing. */
    public StoredMessage {
        requireNonNull(createdAt, "createdAt");
        requireNonNull(message, "message");
    }

    /**
     * Tells whether the payload was too large to be read along and has to be loaded by id.
     *
     * @return true when the payload is missing
     */
    public boolean isPayloadLeftOut() {
        return message.payload().length < payloadSize;
    }
}
