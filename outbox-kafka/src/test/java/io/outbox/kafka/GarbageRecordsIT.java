package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What others write to a topic, straight to a loop on a real Kafka: set aside with a reason, and the loop goes on. */
@Timeout(120)
class GarbageRecordsIT {
    private static final KafkaServer KAFKA = TestServers.kafka();
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final List<String> NAMES = List.of(
            "ce_id", "ce_specversion", "ce_type", "ce_time", "content-type", "dl_reason", "dl_attempts", "", "😀");

    private final String topic = Samples.topic("garbage");
    private final String deadTopic = topic + ".billing.dead-letter";
    private final Inbox inbox = Inbox.h2();

    @AfterEach
    void closeInbox() throws Exception {
        inbox.close();
    }

    @Test
    void recordsOfAnyBytes_areSetAsideOrHandled_andTheLoopGoesOn() {
        KAFKA.createTopic(topic, 1);
        KAFKA.createTopic(deadTopic, 1);
        Random random = new Random(7);
        int garbage = 500;
        try (KafkaProducer<byte[], byte[]> producer = producer();
                KafkaConsumerLoop loop = loop()) {
            for (int i = 0; i < garbage; i++) {
                ProducerRecord<byte[], byte[]> record =
                        new ProducerRecord<>(topic, bytes(random, 300), bytes(random, 3000));
                for (int n = random.nextInt(6); n > 0; n--) {
                    record.headers().add(NAMES.get(random.nextInt(NAMES.size())), bytes(random, 300));
                }
                producer.send(record);
            }
            send(producer, "last", "");
            producer.flush();

            await().atMost(LIMIT).until(() -> inbox.effectIds().contains("last"));
            assertThat(loop.counts().handled()
                            + loop.counts().duplicates()
                            + loop.counts().deadLetters())
                    .isEqualTo(garbage + 1);
            assertThat(loop.counts().deadLetters()).isBetween(100L, 450L);
            try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), deadTopic)) {
                assertThat(reader.first((int) loop.counts().deadLetters()))
                        .allSatisfy(dead -> assertThat(
                                        dead.headers().lastHeader("dl_reason").value())
                                .hasSizeBetween(1, 4000));
            }
        }
    }

    @Test
    void headersOfHalfAMegabyte_areSetAsideLikeOthers() {
        KAFKA.createTopic(topic, 1);
        KAFKA.createTopic(deadTopic, 1);
        try (KafkaProducer<byte[], byte[]> producer = producer();
                KafkaConsumerLoop loop = loop()) {
            send(producer, "poison", "x".repeat(1 << 19));
            send(producer, "y".repeat(1 << 19), "");
            send(producer, "last", "z".repeat(1 << 19));
            producer.flush();

            await().atMost(LIMIT).until(() -> inbox.effectIds().contains("last"));
            assertThat(loop.counts().deadLetters()).isEqualTo(2);
            try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), deadTopic)) {
                assertThat(TopicReader.headers(reader.first(2).get(0)).get("big"))
                        .hasSize(1 << 19);
            }
        }
    }

    private static KafkaProducer<byte[], byte[]> producer() {
        return new KafkaProducer<>(
                Map.of("bootstrap.servers", KAFKA.bootstrapServers()),
                new ByteArraySerializer(),
                new ByteArraySerializer());
    }

    private KafkaConsumerLoop loop() {
        KafkaConsumerLoop loop = KafkaConsumerLoop.builder(
                        Map.of("bootstrap.servers", KAFKA.bootstrapServers()),
                        List.of(topic),
                        inbox.consumer("billing"),
                        (connection, message) -> {
                            if (message.id().equals("poison")) {
                                throw new IllegalStateException("no good");
                            }
                            Inbox.effect(connection, message);
                        })
                .maxAttempts(2)
                .retryDelays(Duration.ofMillis(5), Duration.ofMillis(20))
                .build();
        loop.start();
        return loop;
    }

    private void send(KafkaProducer<byte[], byte[]> producer, String id, String header) {
        ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, null, new byte[0]);
        record.headers().add("ce_id", id.getBytes(StandardCharsets.UTF_8));
        record.headers().add("big", header.getBytes(StandardCharsets.UTF_8));
        producer.send(record);
    }

    private static byte[] bytes(Random random, int max) {
        if (random.nextInt(10) == 0) {
            return null;
        }
        byte[] bytes = new byte[random.nextInt(max)];
        random.nextBytes(bytes);
        if (random.nextBoolean()) {
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) (' ' + Math.floorMod(bytes[i], 90));
            }
        }
        return bytes;
    }
}
