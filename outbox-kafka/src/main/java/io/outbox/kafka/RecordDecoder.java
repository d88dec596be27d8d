package io.outbox.kafka;

import io.outbox.InvalidMessageException;
import io.outbox.consumer.ReceivedMessage;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/**
 * Reads a record as a message: CloudEvents in binary mode, or any record, whose id is then where it stands. What does not
 * decide on the message's fate is read leniently.
 */
final class RecordDecoder {
    private static final int MAX_ID = 200;

    private RecordDecoder() {}

    /**
     * Decodes a record.
     *
     * @throws InvalidMessageException when its id cannot be told, or its version of CloudEvents is another
     */
    static ReceivedMessage decode(ConsumerRecord<byte[], byte[]> record, int attempt) {
        Headers headers = record.headers();
        String version = last(headers, CloudEvents.SPEC_VERSION);
        if (version != null && !version.startsWith("1.")) {
            throw new InvalidMessageException(CloudEvents.SPEC_VERSION + " is not 1.x");
        }
        byte[] key = record.key();
        byte[] value = record.value();
        return new ReceivedMessage(
                id(record),
                record.topic(),
                key == null ? null : new String(key, StandardCharsets.UTF_8),
                last(headers, CloudEvents.TYPE),
                last(headers, CloudEvents.SOURCE),
                last(headers, CloudEvents.CONTENT_TYPE),
                time(last(headers, CloudEvents.TIME)),
                userHeaders(headers),
                value == null ? new byte[0] : value,
                attempt);
    }

    private static String id(ConsumerRecord<byte[], byte[]> record) {
        Header header = record.headers().lastHeader(CloudEvents.ID);
        if (header == null || header.value() == null) {
            return place(record);
        }
        String id;
        try {
            id = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(header.value()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new InvalidMessageException(CloudEvents.ID + " is not UTF-8", e);
        }
        // what the dedup store would refuse every time, while the loop waits for the database to recover
        if (id.isBlank() || id.length() > MAX_ID || id.indexOf('\0') >= 0) {
            throw new InvalidMessageException(CloudEvents.ID + " must have 1 to " + MAX_ID
                    + " characters, not be blank and not contain U+0000, had " + id.length() + " characters");
        }
        return id;
    }

    private static String place(ConsumerRecord<byte[], byte[]> record) {
        String place = "-" + record.partition() + "-" + record.offset();
        String topic = record.topic();
        if (topic.length() + place.length() > MAX_ID) {
            topic = UUID.nameUUIDFromBytes(topic.getBytes(StandardCharsets.UTF_8))
                    .toString();
        }
        return topic + place;
    }

    private static Map<String, String> userHeaders(Headers headers) {
        Map<String, String> user = new LinkedHashMap<>();
        for (Header header : headers) {
            if (!CloudEvents.RESERVED.contains(header.key()) && header.value() != null) {
                user.put(header.key(), new String(header.value(), StandardCharsets.UTF_8));
            }
        }
        return user;
    }

    private static @Nullable String last(Headers headers, String name) {
        Header header = headers.lastHeader(name);
        return header == null || header.value() == null ? null : new String(header.value(), StandardCharsets.UTF_8);
    }

    private static @Nullable Instant time(@Nullable String text) {
        try {
            return text == null ? null : OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return null; // of no importance to the loop, perhaps to none
        }
    }
}
