package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.entry;

import io.outbox.spi.PublishOutcome;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class KafkaPublisherIT {
    private static final KafkaServer KAFKA = TestServers.kafka();

    private final Outcomes outcomes = new Outcomes();

    @Test
    void publish_writesCloudEventsHeadersAndKeepsTheUsers() {
        String topic = Samples.topic("headers");
        KAFKA.createTopic(topic, 1);
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        headers.put("größe", "übergroß");
        headers.put("ce_subject", "42");
        headers.put("ce_id", "forged");

        try (KafkaPublisher publisher = KafkaPublisher.builder(KAFKA.bootstrapServers())
                .source("/orders")
                .build()) {
            publisher.publish(Samples.message(topic, "k", "id-1", new byte[] {0, -1, 7}, headers), outcomes.of("id-1"));
            outcomes.await(1, Duration.ofSeconds(20));
        }

        assertThat(outcomes.all().get(0).outcome()).isEqualTo(PublishOutcome.published());
        try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), topic)) {
            ConsumerRecord<byte[], byte[]> record = reader.first(1).get(0);
            assertThat(record.key()).isEqualTo("k".getBytes(java.nio.charset.StandardCharsets.UTF_8));
            assertThat(record.value()).isEqualTo(new byte[] {0, -1, 7});
            assertThat(TopicReader.headers(record))
                    .containsExactly(
                            entry("ce_specversion", "1.0"),
                            entry("ce_id", "id-1"),
                            entry("ce_type", "order.paid"),
                            entry("ce_source", "/orders"),
                            entry("ce_time", "2026-03-01T10:20:30.123456Z"),
                            entry("content-type", "application/json"),
                            entry("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                            entry("größe", "übergroß"),
                            entry("ce_subject", "42"));
        }
    }

    @Test
    void publish_keepsOrderOfKeysOverSeveralPartitions() {
        String topic = Samples.topic("order");
        KAFKA.createTopic(topic, 8);
        int messages = 20_000;
        int keys = 100;

        try (KafkaPublisher publisher =
                KafkaPublisher.builder(KAFKA.bootstrapServers()).build()) {
            for (int i = 0; i < messages; i++) {
                publisher.publish(Samples.message(topic, "k" + i % keys, "" + i), outcomes.of("" + i));
            }
            outcomes.await(messages, Duration.ofSeconds(40));
        }

        assertThat(outcomes.all()).allMatch(told -> told.outcome() instanceof PublishOutcome.Published);
        try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), topic)) {
            FirstDeliveries.of(reader.first(messages)).assertComplete(messages, keys);
        }
    }

    @Test
    void publish_toTopicMadeLater_waitsWithoutBlocking() {
        String topic = Samples.topic("later");
        try (KafkaPublisher publisher =
                KafkaPublisher.builder(KAFKA.bootstrapServers()).build()) {
            long began = System.nanoTime();
            for (int i = 0; i < 100; i++) {
                publisher.publish(Samples.message(topic, "k", "" + i), outcomes.of("" + i));
            }
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(500));
            assertThat(outcomes.all()).isEmpty();

            KAFKA.createTopic(topic, 3);

            outcomes.await(100, Duration.ofSeconds(20));
            assertThat(outcomes.all()).allMatch(told -> told.outcome() instanceof PublishOutcome.Published);
        }
        try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), topic)) {
            FirstDeliveries.of(reader.first(100)).assertComplete(100, 1);
        }
    }

    @Test
    void publish_toUnknownTopic_isRejectedForNowInOrderWhileOthersGoOn() {
        String unknown = Samples.topic("unknown");
        String known = Samples.topic("known");
        KAFKA.createTopic(known, 1);
        Outcomes others = new Outcomes();

        try (KafkaPublisher publisher = KafkaPublisher.builder(KAFKA.bootstrapServers())
                .metadataTimeout(Duration.ofSeconds(2))
                .build()) {
            List<String> ids = new ArrayList<>();
            for (int i = 0; i < 50; i++) {
                ids.add("" + i);
                publisher.publish(Samples.message(unknown, "k", "" + i), outcomes.of("" + i));
                publisher.publish(Samples.message(known, "k", "" + i), others.of("" + i));
            }

            others.await(50, Duration.ofSeconds(10));
            assertThat(outcomes.all()).isEmpty();
            outcomes.await(50, Duration.ofSeconds(10));
            assertThat(outcomes.ids()).isEqualTo(ids);
            assertThat(outcomes.all())
                    .allSatisfy(told -> assertThat(told.outcome())
                            .isInstanceOfSatisfying(
                                    PublishOutcome.RejectedForNow.class,
                                    rejected -> assertThat(rejected.cause())
                                            .hasCauseInstanceOf(UnknownTopicOrPartitionException.class)));
        }
    }

    @Test
    void publish_ofBadMessages_isRejectedForGoodAndTheirKeyGoesOn() {
        String topic = Samples.topic("large");
        KAFKA.createTopic(topic, 1, Map.of("max.message.bytes", "10000"));

        try (KafkaPublisher publisher =
                KafkaPublisher.builder(KAFKA.bootstrapServers()).build()) {
            publisher.publish(Samples.message(topic, "k", "a"), outcomes.of("a"));
            publisher.publish(Samples.message(topic, "k", "broker", new byte[20_000]), outcomes.of("broker"));
            publisher.publish(Samples.message(topic, "k", "b"), outcomes.of("b"));
            publisher.publish(Samples.message(topic, "k", "client", new byte[2_000_000]), outcomes.of("client"));
            publisher.publish(Samples.message("no such/name", "k", "name"), outcomes.of("name"));
            publisher.publish(Samples.message(topic, "k", "c"), outcomes.of("c"));
            outcomes.await(6, Duration.ofSeconds(20));
        }

        Map<String, PublishOutcome> byId = new LinkedHashMap<>();
        outcomes.all().forEach(told -> byId.put(told.id(), told.outcome()));
        assertThat(byId).containsEntry("a", PublishOutcome.published());
        assertThat(byId).containsEntry("b", PublishOutcome.published());
        assertThat(byId).containsEntry("c", PublishOutcome.published());
        assertRejectedForGood(byId.get("broker"), RecordTooLargeException.class);
        assertRejectedForGood(byId.get("client"), RecordTooLargeException.class);
        assertRejectedForGood(byId.get("name"), InvalidTopicException.class);
        try (TopicReader reader = new TopicReader(KAFKA.bootstrapServers(), topic)) {
            assertThat(reader.first(3))
                    .extracting(record -> TopicReader.headers(record).get("ce_id"))
                    .containsExactly("a", "b", "c");
        }
    }

    @Test
    void publish_whenNoBrokerAnswers_isChannelUnavailable() {
        try (KafkaPublisher publisher = KafkaPublisher.builder("127.0.0.1:1")
                .metadataTimeout(Duration.ofMillis(500))
                .build()) {
            publisher.publish(Samples.message("any", "k", "a"), outcomes.of("a"));
            outcomes.await(1, Duration.ofSeconds(10));
        }
        assertThat(outcomes.all().get(0).outcome())
                .isInstanceOfSatisfying(
                        PublishOutcome.Unavailable.class,
                        unavailable -> assertThat(unavailable.scope()).isEqualTo(PublishOutcome.Scope.CHANNEL));
    }

    @Test
    void publish_whenBootstrapCannotBeResolved_isChannelUnavailableAndDoesNotBlock() {
        try (KafkaPublisher publisher =
                KafkaPublisher.builder("no-such-host.invalid:9092").build()) {
            long began = System.nanoTime();
            publisher.publish(Samples.message("any", "k", "a"), outcomes.of("a"));
            assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofMillis(200));
            outcomes.await(1, Duration.ofSeconds(30));
        }
        assertThat(outcomes.all().get(0).outcome()).isInstanceOf(PublishOutcome.Unavailable.class);
    }

    @Test
    void close_tellsEveryOutcomeOnce() {
        String topic = Samples.topic("close");
        KAFKA.createTopic(topic, 4);
        KafkaPublisher publisher = KafkaPublisher.builder(KAFKA.bootstrapServers())
                .closeTimeout(Duration.ZERO)
                .build();
        for (int i = 0; i < 5_000; i++) {
            String target = i % 10 == 0 ? "missing-" + topic : topic;
            publisher.publish(Samples.message(target, "k" + i % 7, "" + i), outcomes.of("" + i));
        }

        publisher.close();
        publisher.close();
        publisher.publish(Samples.message(topic, "k", "after"), outcomes.of("after"));

        outcomes.await(5_001, Duration.ofSeconds(5));
        assertThat(outcomes.ids()).doesNotHaveDuplicates();
        assertThat(outcomes.all().get(5_000).id()).isEqualTo("after");
        assertThat(outcomes.all())
                .allMatch(told -> told.outcome() instanceof PublishOutcome.Published
                        || told.outcome() instanceof PublishOutcome.Unavailable);
    }

    private static void assertRejectedForGood(PublishOutcome outcome, Class<? extends Throwable> cause) {
        assertThat(outcome)
                .isInstanceOfSatisfying(
                        PublishOutcome.RejectedForGood.class,
                        rejected -> assertThat(rejected.cause()).isInstanceOf(cause));
    }
}
