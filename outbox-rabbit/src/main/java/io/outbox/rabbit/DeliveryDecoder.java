package io.outbox.rabbit;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.outbox.InvalidMessageException;
import io.outbox.consumer.ReceivedMessage;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads a delivery as a message: CloudEvents in the binary mode of the AMQP binding, or anything with a {@code message-id}.
 * The binding allows {@code cloudEvents_} as a prefix, too. What does not decide on the message's fate is read leniently.
 */
final class DeliveryDecoder {
    private static final String OTHER_PREFIX = "cloudEvents_";
    private static final int MAX_ID = 200;

    private DeliveryDecoder() {}

    /**
     * Decodes a delivery.
     *
     * @throws InvalidMessageException when it has no usable id, or its version of CloudEvents is another
     */
    static ReceivedMessage decode(String queue, BasicProperties properties, byte[] body, int attempt) {
        Map<String, String> attributes = new LinkedHashMap<>();
        Map<String, String> user = new LinkedHashMap<>();
        if (properties.getHeaders() != null) {
            properties.getHeaders().forEach((name, value) -> {
                if (value == null || SetAside.HEADERS.contains(name)) {
                    return; // AMQP has a null; as text it would be an id that many messages share
                }
                if (name.startsWith(WireFormat.PREFIX)) {
                    attributes.put(name.substring(WireFormat.PREFIX.length()), String.valueOf(value));
                } else if (name.startsWith(OTHER_PREFIX)) {
                    attributes.putIfAbsent(name.substring(OTHER_PREFIX.length()), String.valueOf(value));
                } else {
                    user.put(name, String.valueOf(value));
                }
            });
        }
        String version = attributes.get("specversion");
        if (version != null && !version.startsWith("1.")) {
            throw new InvalidMessageException("the CloudEvents specversion is not 1.x");
        }
        return new ReceivedMessage(
                checkedId(attributes.getOrDefault("id", properties.getMessageId())),
                queue,
                attributes.get("partitionkey"),
                attributes.getOrDefault("type", properties.getType()),
                attributes.get("source"),
                properties.getContentType(),
                time(attributes.get("time")),
                user,
                body,
                attempt);
    }

    /** What orders it; null when nothing does. */
    static @Nullable String key(BasicProperties properties) {
        if (properties.getHeaders() == null) {
            return null;
        }
        Object key = properties.getHeaders().get(WireFormat.PREFIX + "partitionkey");
        if (key == null) {
            key = properties.getHeaders().get(OTHER_PREFIX + "partitionkey");
        }
        return key == null ? null : key.toString();
    }

    private static String checkedId(@Nullable String id) {
        if (id == null) {
            throw new InvalidMessageException("it has neither a CloudEvents id nor a message-id");
        }
        // what the dedup store would refuse every time, while the loop waits for the database to recover
        if (id.isBlank() || id.length() > MAX_ID || id.indexOf('\0') >= 0) {
            throw new InvalidMessageException("the message id must have 1 to " + MAX_ID
                    + " characters, not be blank and not contain U+0000, had "
                    + id.getBytes(StandardCharsets.UTF_8).length + " bytes");
        }
        return id;
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null; // of no importance to the loop, perhaps to none
        }
    }
}
