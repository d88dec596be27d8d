package io.outbox.consumer;

import static java.util.Objects.requireNonNull;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A message as it came from a broker, before its payload is decoded. Immutable by convention: the payload is not copied.
 *
 * @param id the message id, by which duplicates are recognised
 * @param destination the topic or queue it was read from
 * @param key what orders it; null when nothing does
 * @param type the logical type name; null when the sender gave none
 * @param source the sender (CloudEvents {@code source}); null when it gave none
 * @param contentType the payload's media type; null when the sender gave none
 * @param time when it was written to the outbox; null when the sender gave none
 * @param headers the user's headers and the trace context ({@code traceparent}, {@code tracestate})
 * @param payload the bytes
 * @param attempt the number of this attempt to handle it in this process, from 1
 */
public record ReceivedMessage(
        String id,
        String destination,
        @Nullable String key,
        @Nullable String type,
        @Nullable String source,
        @Nullable String contentType,
        @Nullable Instant time,
        Map<String, String> headers,
        byte[] payload,
        int attempt) {

    /** Checks that nothing is missing. */
    public ReceivedMessage {
        requireNonNull(id, "id");
        requireNonNull(destination, "destination");
        requireNonNull(payload, "payload");
        headers = Map.copyOf(headers);
    }

    /**
     * Returns this message as another attempt to handle it.
     *
     * @param number the number of the attempt, from 1
     * @return a copy
     */
    public ReceivedMessage withAttempt(int number) {
        return new ReceivedMessage(id, destination, key, type, source, contentType, time, headers, payload, number);
    }

    /** Names id, destination, key and type; never the payload or header values. */
    @Override
    public String toString() {
        return "message " + id + " [destination=" + destination + ", key=" + key + ", type=" + type + ", bytes="
                + payload.length + "]";
    }
}
