package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PublisherSettingsTest {
    private static Map<String, Object> with(Map<String, ?> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", "localhost:9092");
        return settings;
    }

    private static PublisherSettings of(Map<String, ?> more) {
        return PublisherSettings.of(with(more), Duration.ofSeconds(10), Duration.ofSeconds(2));
    }

    @ParameterizedTest
    @CsvSource({
        "acks, 1, deleted from the outbox",
        "acks, 0, deleted from the outbox",
        "enable.idempotence, false, reorder",
        "max.in.flight.requests.per.connection, 6, five batches",
        "retries, 0, keeps order by retrying",
        "retries, many, whole number",
        "transactional.id, t, hide messages",
        "max.block.ms, 1000, must not block",
        "key.serializer, org.apache.kafka.common.serialization.StringSerializer, as the bytes",
        "value.serializer, org.apache.kafka.common.serialization.StringSerializer, as the bytes",
        "delivery.timeout.ms, 10, linger.ms + request.timeout.ms",
        "batch.size, -1, Kafka refuses",
    })
    void build_refusesWhatBreaksAGuaranteeWithTheReason(String name, String value, String reason) {
        Map<String, Object> settings = with(Map.of(name, value, "request.timeout.ms", "5000"));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> KafkaPublisher.builder(settings).build())
                .withMessageContaining(name)
                .withMessageContaining(reason);
    }

    @Test
    void build_refusesSerializersGivenAsClassesToo() {
        assertThatIllegalArgumentException().isThrownBy(() -> of(Map.of("key.serializer", StringSerializer.class)));
        assertThat(of(Map.of("key.serializer", ByteArraySerializer.class)).producer())
                .containsEntry("key.serializer", ByteArraySerializer.class.getName());
    }

    @Test
    void build_needsBootstrapServers() {
        assertThatThrownBy(() -> KafkaPublisher.builder(Map.of()).build())
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bootstrap.servers");
    }

    @Test
    void defaults_areOursWhereTheUserSaysNothing() {
        PublisherSettings settings = of(Map.of("compression.type", "lz4", "linger.ms", "3"));

        assertThat(settings.deliveryTimeout()).isEqualTo(Duration.ofSeconds(30));
        assertThat(settings.partitionsByKey()).isTrue();
        assertThat(settings.producer())
                .containsEntry("acks", "all")
                .containsEntry("enable.idempotence", true)
                .containsEntry("max.block.ms", 0)
                .containsEntry("linger.ms", "3")
                .containsEntry("compression.type", "lz4")
                .containsEntry("request.timeout.ms", 10_000);
    }

    @Test
    void requestTimeout_fitsIntoAShortDeliveryTimeout() {
        PublisherSettings settings = of(Map.of("delivery.timeout.ms", 3_000, "linger.ms", 100));

        assertThat(settings.deliveryTimeout()).isEqualTo(Duration.ofSeconds(3));
        assertThat(settings.producer()).containsEntry("request.timeout.ms", 2_900);
    }

    @Test
    void deliveryTimeout_makesRoomForALongRequestTimeout() {
        assertThat(of(Map.of("request.timeout.ms", 60_000)).deliveryTimeout()).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void partitionerOfTheUser_isNotForetold() {
        assertThat(of(Map.of("partitioner.class", "org.apache.kafka.clients.producer.RoundRobinPartitioner"))
                        .partitionsByKey())
                .isFalse();
        assertThat(of(Map.of("partitioner.ignore.keys", "true")).partitionsByKey())
                .isFalse();
    }

    @Test
    void builder_refusesBadValues() {
        KafkaPublisher.Builder builder = KafkaPublisher.builder("localhost:9092");

        assertThatIllegalArgumentException().isThrownBy(() -> builder.source(" "));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.source("not a uri"));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.metadataTimeout(Duration.ZERO));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.closeTimeout(Duration.ofMillis(-1)));
    }
}
