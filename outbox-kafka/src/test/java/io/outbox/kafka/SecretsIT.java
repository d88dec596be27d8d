package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.MessageTypes;
import io.outbox.consumer.TypedHandlers;
import io.outbox.testkit.internal.CapturedLogs;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Payloads, header values and passwords stay out of the logs of consumers, and out of dead letters' reasons. */
@Timeout(120)
class SecretsIT {
    private static final KafkaServer KAFKA = TestServers.kafka();
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final String SECRET = "s3cret-4711";

    record Paid(int order) {}

    private final String topic = Samples.topic("secrets");
    private final String deadTopic = topic + ".billing.dead-letter";
    private final Inbox inbox = Inbox.h2();

    @AfterEach
    void closeInbox() throws Exception {
        inbox.close();
    }

    @Test
    void aConsumerThatFailsInEveryWay_tellsNoPayloadsAndNoHeaders() {
        KAFKA.createTopic(topic, 1);
        AtomicInteger databaseFailures = new AtomicInteger(2);
        TypedHandlers<Connection> handlers = TypedHandlers.<Connection>builder(
                        MessageTypes.builder().add("order.paid", Paid.class).build())
                .on(Paid.class, (connection, paid, message) -> {
                    if (paid.order() == 1) {
                        throw new IllegalStateException("no good");
                    }
                    if (paid.order() == 2 && databaseFailures.getAndDecrement() > 0) {
                        try (Statement statement = connection.createStatement()) {
                            statement.execute("select nothing from nowhere");
                        }
                    }
                    Inbox.effect(connection, message);
                })
                .build();
        try (CapturedLogs logs = new CapturedLogs();
                KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", KAFKA.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
                KafkaConsumerLoop loop = KafkaConsumerLoop.builder(
                                Map.of("bootstrap.servers", KAFKA.bootstrapServers(), "max.poll.interval.ms", 8_000),
                                List.of(topic),
                                inbox.consumer("billing"),
                                handlers)
                        .maxAttempts(3)
                        .retryDelays(Duration.ofMillis(5), Duration.ofMillis(50))
                        .build()) {
            loop.start();
            send(producer, "1", "order.paid", "{\"order\":1,\"card\":\"" + SECRET + "\"}");
            send(producer, "2", "order.paid", "{\"order\":2,\"card\":\"" + SECRET + "\"}");
            send(producer, "3", "order.paid", "{\"order\":\"" + SECRET + "\"}");
            send(producer, "4", "order.paid", SECRET);
            send(producer, "5", "order.burnt", SECRET);
            send(producer, "6", "order.paid", "{\"order\":6}");
            producer.flush();
            await().atMost(LIMIT)
                    .until(() -> logs.lines().stream().anyMatch(line -> line.contains("cannot be set aside")));
            KAFKA.createTopic(deadTopic, 1);
            await().atMost(LIMIT).until(() -> inbox.effectIds().contains("6"));

            assertThat(loop.counts().deadLetters()).isEqualTo(4);
            assertThat(logs.lines())
                    .anyMatch(line -> line.contains("was set aside"))
                    .noneMatch(line -> line.contains("4711"));
            try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), deadTopic)) {
                assertThat(reader.first(4))
                        .allSatisfy(dead -> assertThat(TopicReader.headers(dead).get("dl_reason"))
                                .isNotBlank()
                                .doesNotContain("4711"));
            }
        }
    }

    @Test
    void settings_areNotSpeltOut() {
        Map<String, Object> given = new HashMap<>();
        given.put("bootstrap.servers", "localhost:1");
        given.put("ssl.truststore.password", SECRET);
        given.put("sasl.jaas.config", "x required password=\"" + SECRET + "\";");
        given.put("my.own.password", SECRET);
        try (CapturedLogs logs = new CapturedLogs();
                KafkaPublisher publisher = KafkaPublisher.builder(given).build()) {
            assertThat(publisher.keepsOrder()).isTrue();
            assertThat(ConsumerSettings.of(given, "billing") + " "
                            + PublisherSettings.of(given, Duration.ofSeconds(1), Duration.ofSeconds(1)))
                    .contains("sasl.jaas.config")
                    .doesNotContain("4711");
            assertThat(logs.lines()).noneMatch(line -> line.contains("4711"));
        }
    }

    private void send(KafkaProducer<byte[], byte[]> producer, String id, String type, String payload) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, null, payload.getBytes(StandardCharsets.UTF_8));
        record.headers().add("ce_id", id.getBytes(StandardCharsets.UTF_8));
        record.headers().add("ce_type", type.getBytes(StandardCharsets.UTF_8));
        record.headers().add("authorization", SECRET.getBytes(StandardCharsets.UTF_8));
        producer.send(record);
    }
}
