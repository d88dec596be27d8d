package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.InvalidMessageException;
import io.outbox.consumer.ReceivedMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;
import net.jqwik.api.Tuple.Tuple2;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;

/** Records that anybody may have written: a message, or refused with a reason; and their headers count as memory. */
class RecordInputTest {
    @Property
    void anyRecord_isDecodedOrRefused(
            @ForAll("headers") List<Tuple2<String, byte[]>> headers,
            @ForAll("bytes") byte[] key,
            @ForAll("bytes") byte[] value) {
        ConsumerRecord<byte[], byte[]> record = record(headers, key, value);
        try {
            ReceivedMessage message = RecordDecoder.decode(record, 1);

            assertThat(message.id()).isNotBlank().hasSizeLessThanOrEqualTo(200).doesNotContain("\0");
            assertThat(StandardCharsets.UTF_8.newEncoder().canEncode(message.id()))
                    .isTrue();
            assertThat(message.payload()).isNotNull();
        } catch (InvalidMessageException e) {
            assertThat(e.getMessage()).contains("ce_").hasSizeLessThan(200);
        }
    }

    @Property
    void whatARecordTakesInMemory_countsItsHeaders(@ForAll("headers") List<Tuple2<String, byte[]>> headers) {
        int bytes = headers.stream()
                .mapToInt(header -> header.get2() == null ? 0 : header.get2().length)
                .sum();
        PartitionLog log = new PartitionLog(new TopicPartition("t", 0), 500, () -> {});

        List<RecordDelivery> added = log.add(
                List.of(record(headers, null, new byte[100])), false, new DeadLetters(() -> null, topic -> topic));

        assertThat(added.get(0).bytes()).isGreaterThanOrEqualTo(100 + bytes);
    }

    @Example
    void recordsWithAMegabyteOfHeaders_pauseTheirPartition() {
        PartitionLog log = new PartitionLog(new TopicPartition("t", 0), 500, () -> {});
        for (int i = 0; i < 8; i++) {
            log.add(
                    List.of(record(List.of(Tuple.of("h", new byte[1 << 20])), null, null)),
                    false,
                    new DeadLetters(() -> null, topic -> topic));
        }

        assertThat(log.updatePaused()).isTrue();
    }

    @Property
    void anySettingsOfAPublisher_areRefusedOrUsable(@ForAll("durations") Duration one) {
        try {
            KafkaPublisher.builder(Map.of("bootstrap.servers", "localhost:1"))
                    .metadataTimeout(one)
                    .closeTimeout(one);
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).contains("must");
            return;
        }
        assertThat(one.plusMinutes(1).toNanos()).isPositive();
    }

    private static ConsumerRecord<byte[], byte[]> record(
            List<Tuple2<String, byte[]>> headers, byte[] key, byte[] value) {
        RecordHeaders all = new RecordHeaders();
        headers.forEach(header -> all.add(header.get1(), header.get2()));
        return new ConsumerRecord<>(
                "topic",
                3,
                42,
                0,
                TimestampType.CREATE_TIME,
                key == null ? -1 : key.length,
                value == null ? -1 : value.length,
                key,
                value,
                all,
                Optional.empty());
    }

    @Provide
    Arbitrary<List<Tuple2<String, byte[]>>> headers() {
        Arbitrary<String> names = Arbitraries.oneOf(
                Arbitraries.of(
                        "ce_id", "ce_specversion", "ce_type", "ce_source", "ce_time", "content-type", "dl_reason", ""),
                Arbitraries.strings().ofMaxLength(10));
        Arbitrary<byte[]> values = Arbitraries.oneOf(
                Arbitraries.of("1.0", "2026-01-01T00:00:00Z", "+999999999-12-31T23:59:59Z", "", " ", "\0", "null")
                        .map(text -> text.getBytes(StandardCharsets.UTF_8)),
                bytes());
        return names.flatMap(name -> values.map(value -> Tuple.of(name, value)))
                .list()
                .ofMaxSize(8);
    }

    @Provide
    Arbitrary<byte[]> bytes() {
        return Arbitraries.bytes().array(byte[].class).ofMaxSize(260).injectNull(0.1);
    }

    @Provide
    Arbitrary<Duration> durations() {
        return Arbitraries.oneOf(
                Arbitraries.longs().map(Duration::ofSeconds),
                Arbitraries.longs().map(Duration::ofNanos));
    }
}
