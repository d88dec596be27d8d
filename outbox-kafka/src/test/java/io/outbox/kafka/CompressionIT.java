package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.PublishOutcome;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The libraries that kafka-clients compresses with are newer than those it asks for. */
@Timeout(60)
class CompressionIT {
    private static final KafkaServer KAFKA = TestServers.kafka();
    private static final int MESSAGES = 20;

    @ParameterizedTest
    @ValueSource(strings = {"snappy", "lz4", "zstd", "gzip"})
    void messages_arriveAsTheyWere_whenTheyAreCompressed(String type) throws Exception {
        String topic = Samples.topic(type);
        KAFKA.createTopic(topic, 1, Map.of("max.message.bytes", "40000")); // nothing but a compressed batch fits
        Outcomes outcomes = new Outcomes();
        Map<String, byte[]> arrived = new ConcurrentHashMap<>();
        try (KafkaPublisher publisher = KafkaPublisher.builder(
                                Map.of("bootstrap.servers", KAFKA.bootstrapServers(), "compression.type", type))
                        .build();
                Inbox inbox = Inbox.h2();
                KafkaConsumerLoop loop = KafkaConsumerLoop.builder(
                                Map.of("bootstrap.servers", KAFKA.bootstrapServers()),
                                List.of(topic),
                                inbox.consumer("group-" + topic),
                                (connection, message) -> arrived.put(message.id(), message.payload()))
                        .build()) {
            loop.start();
            for (int i = 0; i < MESSAGES; i++) {
                publisher.publish(Samples.message(topic, "k", "" + i, payload(i)), outcomes.of("" + i));
            }

            outcomes.await(MESSAGES, Duration.ofSeconds(20));
            assertThat(outcomes.all()).allMatch(told -> told.outcome() instanceof PublishOutcome.Published);
            await().atMost(Duration.ofSeconds(20)).until(() -> arrived.size() == MESSAGES);
        }
        for (int i = 0; i < MESSAGES; i++) {
            assertThat(arrived.get("" + i)).isEqualTo(payload(i));
        }
    }

    /** Large, and easy to compress. */
    private static byte[] payload(int number) {
        byte[] payload = new byte[50_000];
        Arrays.fill(payload, (byte) number);
        return payload;
    }
}
