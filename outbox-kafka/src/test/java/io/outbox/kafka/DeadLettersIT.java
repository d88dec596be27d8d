package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.MessageTypes;
import io.outbox.consumer.MessageHandler;
import io.outbox.consumer.TypedHandlers;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class DeadLettersIT {
    private static final KafkaServer KAFKA = TestServers.kafka();
    private static final Duration LIMIT = Duration.ofSeconds(40);

    record Paid(int order) {}

    private final String topic = Samples.topic("dead");
    private final String deadTopic = topic + ".billing_1.dead-letter";
    private final Inbox inbox = Inbox.h2();

    @AfterEach
    void closeInbox() throws Exception {
        inbox.close();
    }

    private KafkaConsumerLoop loop(MessageHandler<Connection, ?> handler) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", KAFKA.bootstrapServers(), "max.poll.interval.ms", 8_000);
        KafkaConsumerLoop loop = KafkaConsumerLoop.builder(
                        settings, List.of(topic), inbox.consumer("billing:1"), handler)
                .maxAttempts(3)
                .retryDelays(Duration.ofMillis(10), Duration.ofMillis(100))
                .build();
        loop.start();
        return loop;
    }

    @Test
    void poison_isSetAsideByteForByteWithTheReason() {
        KAFKA.createTopic(topic, 1);
        KAFKA.createTopic(deadTopic, 1);
        ConsumerRecord<byte[], byte[]> original;
        try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic);
                KafkaConsumerLoop loop = loop((connection, message) -> {
                    Inbox.effect(connection, message);
                    if (message.id().equals("poison")) {
                        throw new IllegalStateException("cannot charge", new ArithmeticException("by zero"));
                    }
                })) {
            feed.publish("before", "poison", "after");
            await().atMost(LIMIT).until(() -> inbox.effects().size() == 2);
            assertThat(loop.counts()).isEqualTo(new KafkaConsumerLoop.Counts(2, 0, 3, 1));
        }
        assertThat(inbox.effectIds()).containsExactly("before", "after");

        try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), topic)) {
            original = reader.first(3).get(1);
        }
        try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), deadTopic)) {
            ConsumerRecord<byte[], byte[]> dead = reader.first(1).get(0);
            assertThat(dead.key()).isEqualTo(original.key());
            assertThat(dead.value()).isEqualTo(original.value());
            Header[] headers = dead.headers().toArray();
            Header[] originals = original.headers().toArray();
            for (int i = 0; i < originals.length; i++) {
                assertThat(headers[i].key()).isEqualTo(originals[i].key());
                assertThat(headers[i].value()).isEqualTo(originals[i].value());
            }
            assertThat(TopicReader.headers(dead))
                    .containsEntry(
                            "dl_reason",
                            "java.lang.IllegalStateException: cannot charge, caused by java.lang.ArithmeticException:"
                                    + " by zero")
                    .containsEntry("dl_attempts", "3")
                    .containsEntry("dl_topic", topic)
                    .containsEntry("dl_partition", "0")
                    .containsEntry("dl_offset", "1");
        }
    }

    @Test
    void unknownTypesAndWhatCannotBeDecoded_areSetAsideAtOnce() throws Exception {
        KAFKA.createTopic(topic, 1);
        KAFKA.createTopic(deadTopic, 1);
        TypedHandlers<Connection> handlers = TypedHandlers.<Connection>builder(
                        MessageTypes.builder().add("order.paid", Paid.class).build())
                .on(Paid.class, (connection, paid, message) -> Inbox.effect(connection, message))
                .build();
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(
                        Map.of("bootstrap.servers", KAFKA.bootstrapServers()),
                        new ByteArraySerializer(),
                        new ByteArraySerializer());
                KafkaConsumerLoop loop = loop(handlers)) {
            send(producer, "{\"order\":1}", "ce_id", "good", "ce_type", "order.paid", "ce_specversion", "1.0");
            send(producer, "{\"order\":2}", "ce_id", "unknown type", "ce_type", "order.burnt");
            send(producer, "{\"ord", "ce_id", "no JSON", "ce_type", "order.paid");
            send(producer, "{\"order\":3}", "ce_id", " ", "ce_type", "order.paid");
            send(producer, "{\"order\":4}", "ce_id", "version", "ce_type", "order.paid", "ce_specversion", "2.0");
            send(producer, "a record of somebody else");
            producer.send(new ProducerRecord<>(topic, null, null));
            send(producer, "{\"order\":5}", "ce_type", "order.paid");
            producer.flush();

            await().atMost(LIMIT).until(() -> inbox.effects().size() == 2);
            assertThat(loop.counts().deadLetters()).isEqualTo(6);
        }
        assertThat(inbox.effectIds()).containsExactly("good", topic + "-0-7");
        try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), deadTopic)) {
            assertThat(reader.first(6))
                    .extracting(record -> TopicReader.headers(record).get("dl_attempts"))
                    .containsOnly("1");
            assertThat(reader.first(6))
                    .extracting(record -> TopicReader.headers(record).get("dl_offset"))
                    .containsExactly("1", "2", "3", "4", "5", "6");
        }
    }

    @Test
    void missingDeadLetterTopic_holdsItsPartitionUntilItIsThere() {
        KAFKA.createTopic(topic, 2);
        try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic);
                KafkaConsumerLoop loop = loop((connection, message) -> {
                    if (message.id().equals("0")) {
                        throw new IllegalStateException("poison");
                    }
                    Inbox.effect(connection, message);
                })) {
            feed.publish(0, 40, 10);
            await().atMost(LIMIT)
                    .until(() -> loop.counts().failedAttempts() == 3
                            && !inbox.effects().isEmpty());
            assertThat(inbox.effectIds()).doesNotContain("0", "10", "20");
            assertThat(loop.counts().deadLetters()).isZero();

            KAFKA.createTopic(deadTopic, 1);

            await().atMost(LIMIT).until(() -> inbox.effects().size() == 39);
            assertThat(loop.counts()).isEqualTo(new KafkaConsumerLoop.Counts(39, 0, 3, 1));
        }
    }

    private void send(KafkaProducer<byte[], byte[]> producer, String value, String... headers) {
        ProducerRecord<byte[], byte[]> record =
                new ProducerRecord<>(topic, null, value.getBytes(StandardCharsets.UTF_8));
        for (int i = 0; i < headers.length; i += 2) {
            record.headers().add(headers[i], headers[i + 1].getBytes(StandardCharsets.UTF_8));
        }
        producer.send(record);
    }
}
