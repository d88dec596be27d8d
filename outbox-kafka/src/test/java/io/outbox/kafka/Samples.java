package io.outbox.kafka;

import io.outbox.spi.OutboxRecord;
import io.outbox.spi.StoredMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Makes messages as a store would give them, and names that no other test uses. */
final class Samples {
    private static final AtomicLong NUMBER = new AtomicLong();

    private Samples() {}

    static String topic(String prefix) {
        return prefix + "-" + NUMBER.incrementAndGet();
    }

    static StoredMessage message(String topic, @Nullable String key, String id, byte[] payload) {
        return message(topic, key, id, payload, Map.of());
    }

    static StoredMessage message(
            String topic, @Nullable String key, String id, byte[] payload, Map<String, String> headers) {
        OutboxRecord record =
                new OutboxRecord(id, "default", topic, key, "order.paid", "application/json", headers, payload, null);
        return new StoredMessage(
                NUMBER.incrementAndGet(), 0, Instant.parse("2026-03-01T10:20:30.123456Z"), 1, payload.length, record);
    }

    static StoredMessage message(String topic, @Nullable String key, String id) {
        return message(topic, key, id, id.getBytes(StandardCharsets.UTF_8));
    }
}
