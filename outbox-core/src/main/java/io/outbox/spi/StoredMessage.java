package io.outbox.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A committed message as the store gives it to the relay, and the relay to a publisher.
 *
 * @param id the store's id: grows in the order in which messages were written
 * @param shard the shard
 * @param createdAt when it was written, on the database's clock
 * @param attempt the number of this attempt to publish, from 1
 * @param payloadSize bytes of the payload, also when it was left out
 * @param message the message; its payload is empty when it was left out
 * @param defect why it cannot be published, without what it says: a part of its row, such as the headers, is not what this
 *     version writes and was left out of the message. The relay makes a dead letter of it. Null when there is none
 */
public record StoredMessage(
        long id,
        int shard,
        Instant createdAt,
        int attempt,
        int payloadSize,
        OutboxRecord message,
        @Nullable String defect) {

    /**
     * Makes a message without a defect.
     *
     * @param id the store's id
     * @param shard the shard
     * @param createdAt when it was written
     * @param attempt the number of this attempt
     * @param payloadSize bytes of the payload
     * @param message the message
     */
    public StoredMessage(long id, int shard, Instant createdAt, int attempt, int payloadSize, OutboxRecord message) {
        this(id, shard, createdAt, attempt, payloadSize, message, null);
    }

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
