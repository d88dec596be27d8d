package io.outbox.rabbit;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.StoredMessage;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes a message as the CloudEvents AMQP protocol binding 1.0.2 has it in binary mode: attributes as headers with the
 * prefix {@code cloudEvents:}. The key is the attribute {@code partitionkey} of the partitioning extension.
 */
final class WireFormat {
    static final String PREFIX = "cloudEvents:";
    static final int PERSISTENT = 2;

    /** How many bytes AMQP 0-9-1 allows for names, keys and most properties. */
    private static final int SHORT = 255;
    /** What a character of a Java string takes in UTF-8, at most. */
    private static final int MOST_BYTES = 3;
    /** What RabbitMQ takes for a frame of headers unless it is told otherwise ({@code frame_max}), less our own. */
    private static final int MAX_HEADER_BYTES = 120_000;
    /** Headers that steer RabbitMQ's routing; it closes the AMQP channel when they are text. */
    static final Set<String> STEERING = Set.of("CC", "BCC");

    private final String source;

    WireFormat(String source) {
        this.source = source;
    }

    /**
     * Says why AMQP 0-9-1 cannot carry a message; null when it can. What is found by the client or the broker instead costs the
     * connection.
     */
    static @Nullable String refusal(Outgoing outgoing) {
        OutboxRecord message = outgoing.message.message();
        if (isLong(outgoing.exchange) || isLong(outgoing.routingKey)) {
            return "exchange or routing key has more than " + SHORT + " bytes in UTF-8";
        }
        if (isLong(message.contentType())) {
            return "the content type has more than " + SHORT + " bytes in UTF-8";
        }
        int characters = message.messageId().length() + message.type().length();
        for (Map.Entry<String, String> header : message.headers().entrySet()) {
            if (isLong(header.getKey())) {
                return "the name of a header has more than " + SHORT + " bytes in UTF-8";
            }
            if (STEERING.contains(header.getKey())) {
                return "the headers CC and BCC are RabbitMQ's own: use an exchange to reach several queues";
            }
            characters += header.getKey().length() + header.getValue().length();
        }
        return characters > MAX_HEADER_BYTES / MOST_BYTES && bytes(message) > MAX_HEADER_BYTES
                ? "the headers have " + bytes(message) + " bytes, AMQP carries " + MAX_HEADER_BYTES + " in one frame"
                : null;
    }

    private static boolean isLong(String text) {
        return text.length() > SHORT / MOST_BYTES && bytes(text) > SHORT;
    }

    private static int bytes(OutboxRecord message) {
        int bytes = bytes(message.messageId()) + bytes(message.type());
        for (Map.Entry<String, String> header : message.headers().entrySet()) {
            bytes += bytes(header.getKey()) + bytes(header.getValue());
        }
        return bytes;
    }

    /** The length in UTF-8. */
    private static int bytes(String text) {
        int bytes = text.length();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            bytes += c < 0x80 ? 0 : c < 0x800 || Character.isSurrogate(c) ? 1 : 2;
        }
        return bytes;
    }

    /** A property that may have 255 bytes is left out when it has more: the headers have it. */
    private static @Nullable String shortOrNull(String text) {
        return isLong(text) ? null : text;
    }

    BasicProperties properties(StoredMessage stored) {
        OutboxRecord message = stored.message();
        Map<String, Object> headers = new LinkedHashMap<>(message.headers());
        headers.keySet().removeIf(name -> name.startsWith(PREFIX));
        headers.put(PREFIX + "specversion", "1.0");
        headers.put(PREFIX + "id", message.messageId());
        headers.put(PREFIX + "type", message.type());
        headers.put(PREFIX + "source", source);
        headers.put(PREFIX + "time", stored.createdAt().toString());
        if (message.key() != null) {
            headers.put(PREFIX + "partitionkey", message.key());
        }
        return new BasicProperties.Builder()
                .deliveryMode(PERSISTENT)
                .messageId(shortOrNull(message.messageId()))
                .type(shortOrNull(message.type()))
                .contentType(message.contentType())
                .timestamp(Date.from(stored.createdAt()))
                .headers(headers)
                .build();
    }
}
