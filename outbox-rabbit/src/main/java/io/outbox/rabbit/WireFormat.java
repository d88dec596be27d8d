package io.outbox.rabbit;

import com.rabbitmq.client.AMQP.BasicProperties;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.StoredMessage;
import java.util.Date;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Writes a message as the CloudEvents AMQP protocol binding 1.0.2 has it in binary mode: attributes as headers with the
 * prefix {@code cloudEvents:}. The key is the attribute {@code partitionkey} of the partitioning extension.
 */
final class WireFormat {
    static final String PREFIX = "cloudEvents:";
    static final int PERSISTENT = 2;

    private final String source;

    WireFormat(String source) {
        this.source = source;
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
                .messageId(message.messageId())
                .type(message.type())
                .contentType(message.contentType())
                .timestamp(Date.from(stored.createdAt()))
                .headers(headers)
                .build();
    }
}
