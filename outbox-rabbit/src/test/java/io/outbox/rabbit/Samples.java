package io.outbox.rabbit;

import io.outbox.spi.OutboxRecord;
import io.outbox.spi.StoredMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Makes messages as a store would give them. */
final class Samples {
    private static final AtomicLong NUMBER = new AtomicLong();

    private Samples() {}

    static StoredMessage message(OutboxRecord record) {
        return new StoredMessage(
                NUMBER.incrementAndGet(),
                record.shard(64),
                Instant.parse("2026-03-01T10:20:30.123456Z"),
                1,
                record.payload().length,
                record);
    }

    static StoredMessage message(
            String destination, @Nullable String key, String id, byte[] payload, Map<String, String> headers) {
        return message(new OutboxRecord(
                id, "default", destination, key, "order.paid", "application/json", headers, payload, null));
    }

    static StoredMessage message(String destination, String key, String id) {
        return message(destination, key, id, id.getBytes(StandardCharsets.UTF_8), Map.of());
    }
}
