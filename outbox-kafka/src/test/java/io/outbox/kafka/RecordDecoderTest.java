package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.outbox.InvalidMessageException;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.spi.StoredMessage;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class RecordDecoderTest {
    private static ConsumerRecord<byte[], byte[]> record(byte[] key, byte[] value, Headers headers) {
        return new ConsumerRecord<>(
                "orders", 3, 42, 0, TimestampType.CREATE_TIME, 0, 0, key, value, headers, Optional.empty());
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Test
    void decode_readsWhatTheEncoderWrites() {
        StoredMessage stored =
                Samples.message("orders", "key-ü", "id-1", new byte[] {1, 2}, Map.of("traceparent", "00-1", "x", "ü"));
        Headers headers = new RecordHeaders();
        new RecordEncoder("/shop").headers(stored).forEach(headers::add);

        ReceivedMessage message = RecordDecoder.decode(record(bytes("key-ü"), new byte[] {1, 2}, headers), 7);

        assertThat(message)
                .usingRecursiveComparison()
                .isEqualTo(new ReceivedMessage(
                        "id-1",
                        "orders",
                        "key-ü",
                        "order.paid",
                        "/shop",
                        "application/json",
                        Instant.parse("2026-03-01T10:20:30.123456Z"),
                        Map.of("traceparent", "00-1", "x", "ü"),
                        new byte[] {1, 2},
                        7));
    }

    @Test
    void decode_withoutCloudEvents_takesThePlaceAsId() {
        ReceivedMessage message = RecordDecoder.decode(record(null, null, new RecordHeaders()), 1);

        assertThat(message.id()).isEqualTo("orders-3-42");
        assertThat(message.key()).isNull();
        assertThat(message.type()).isNull();
        assertThat(message.payload()).isEmpty();
    }

    @Test
    void decode_ofARecordOfATopicWithALongName_hasAnIdThatCanBeStored() {
        String topic = "t".repeat(249);
        ConsumerRecord<byte[], byte[]> first = new ConsumerRecord<>(topic, 3, 42, new byte[0], new byte[0]);
        ConsumerRecord<byte[], byte[]> second = new ConsumerRecord<>(topic, 3, 43, new byte[0], new byte[0]);

        assertThat(RecordDecoder.decode(first, 1).id()).hasSizeLessThanOrEqualTo(200);
        assertThat(RecordDecoder.decode(first, 1).id())
                .isEqualTo(RecordDecoder.decode(first, 2).id())
                .isNotEqualTo(RecordDecoder.decode(second, 1).id());
    }

    @Test
    void decode_isLenientWithWhatDecidesNothing() {
        Headers headers = new RecordHeaders()
                .add("ce_id", bytes("1"))
                .add("ce_time", bytes("yesterday"))
                .add("broken", new byte[] {(byte) 0xff})
                .add("empty", null);

        ReceivedMessage message = RecordDecoder.decode(record(new byte[] {(byte) 0xff}, new byte[0], headers), 1);

        assertThat(message.time()).isNull();
        assertThat(message.key()).isEqualTo("\ufffd");
        assertThat(message.headers()).containsExactly(Map.entry("broken", "\ufffd"));
    }

    @Test
    void decode_readsTimesWithAnOffset() {
        Headers headers = new RecordHeaders().add("ce_time", bytes("2026-03-01T12:20:30.5+02:00"));

        assertThat(RecordDecoder.decode(record(null, new byte[0], headers), 1).time())
                .isEqualTo(Instant.parse("2026-03-01T10:20:30.500Z"));
    }

    @Test
    void decode_refusesIdsThatCannotTellMessagesApart() {
        assertRefused(bytes(" "));
        assertRefused(bytes("x".repeat(201)));
        assertRefused(bytes("a\0b"));
        assertRefused(new byte[] {(byte) 0xc3});
        assertThatExceptionOfType(InvalidMessageException.class)
                .isThrownBy(() -> RecordDecoder.decode(
                        record(null, new byte[0], new RecordHeaders().add("ce_specversion", bytes("0.3"))), 1));
    }

    private static void assertRefused(byte[] id) {
        Headers headers = new RecordHeaders().add("ce_id", id);
        assertThatExceptionOfType(InvalidMessageException.class)
                .isThrownBy(() -> RecordDecoder.decode(record(null, new byte[0], headers), 1));
    }
}
