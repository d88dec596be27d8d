package io.outbox.spi;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message in the form in which it is stored and published: checked, named and encoded. Immutable by convention: the
 * payload array is not copied and must not be changed.
 *
 * @param messageId the id by which consumers recognise duplicates, 1 to 200 characters
 * @param channel the name of the publisher that carries it
 * @param destination topic, or exchange and routing key
 * @param key what orders messages; null when nothing does
 * @param type the logical type name
 * @param contentType the payload's media type
 * @param headers the user's headers
 * @param payload the encoded payload
 * @param deliverAt the earliest time of publication on the database's clock; null for at once
 */
public record OutboxRecord(
        String messageId,
        String channel,
        String destination,
        @Nullable String key,
        String type,
        String contentType,
        Map<String, String> headers,
        byte[] payload,
        @Nullable Instant deliverAt) {

    /** Checks that nothing is missing. */
    public OutboxRecord {
        requireNonNull(messageId, "messageId");
        requireNonNull(channel, "channel");
        requireNonNull(destination, "destination");
        requireNonNull(type, "type");
        requireNonNull(contentType, "contentType");
        requireNonNull(headers, "headers");
        requireNonNull(payload, "payload");
    }

    /**
     * Returns the shard of this message: by its key, or by its id when it has none.
     *
     * @param shards how many shards the store has
     * @return 0 to {@code shards - 1}; the same in every version of the library
     */
    public int shard(int shards) {
        return shardOf(key == null ? messageId : key, shards);
    }

    /**
     * Returns the shard of a key. The hash is {@link String#hashCode()}, whose value the Java language fixes, through
     * the 32-bit finalizer of MurmurHash3.
     *
     * @param key a key
     * @param shards how many shards there are, at least 1
     * @return 0 to {@code shards - 1}; the same in every version of the library
     */
    public static int shardOf(String key, int shards) {
        int h = key.hashCode();
        h ^= h >>> 16;
        h *= 0x85ebca6b;
        h ^= h >>> 13;
        h *= 0xc2b2ae35;
        h ^= h >>> 16;
        return Math.floorMod(h, shards);
    }

    /** Names id, destination, key and type; never the payload or header values. */
    @Override
    public String toString() {
        return "message " + messageId + " [channel=" + channel + ", destination=" + destination + ", key=" + key
                + ", type=" + type + ", bytes=" + payload.length + "]";
    }
}
