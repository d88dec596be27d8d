package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.consumer.MessageHandler;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class KafkaConsumerLoopIT {
    private static final KafkaServer KAFKA = TestServers.kafka();
    private static final Duration LIMIT = Duration.ofSeconds(40);

    private final String topic = Samples.topic("loop");
    private final String group = "group-" + topic;
    private Inbox inbox = Inbox.h2();

    @AfterEach
    void closeInbox() throws Exception {
        inbox.close();
    }

    private KafkaConsumerLoop.Builder<Connection> builder(MessageHandler<Connection, ?> handler) {
        return builder(Map.of(), handler);
    }

    private KafkaConsumerLoop.Builder<Connection> builder(
            Map<String, Object> more, MessageHandler<Connection, ?> handler) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", KAFKA.bootstrapServers());
        settings.putIfAbsent("session.timeout.ms", 6_000);
        settings.putIfAbsent("heartbeat.interval.ms", 500);
        return KafkaConsumerLoop.builder(settings, List.of(topic), inbox.consumer(group), handler)
                .retryDelays(Duration.ofMillis(20), Duration.ofMillis(200));
    }

    private static KafkaConsumerLoop started(KafkaConsumerLoop.Builder<Connection> builder) {
        KafkaConsumerLoop loop = builder.build();
        loop.start();
        return loop;
    }

    private void awaitEffects(int count) {
        await().atMost(LIMIT).until(() -> inbox.effects().size() >= count);
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(Integer::toString).toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"H2", "PostgreSQL"})
    void handles_eachMessageOnce_thoughPublishedTwice(String database) throws Exception {
        inbox.close();
        inbox = Inbox.of(database);
        KAFKA.createTopic(topic, 3);
        try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic);
                KafkaConsumerLoop loop = started(builder(Inbox::effect).threads(2))) {
            feed.publish(0, 200, 20);
            feed.publish(0, 300, 20);

            await().atMost(LIMIT)
                    .until(() -> loop.counts().handled() + loop.counts().duplicates() == 500);

            assertThat(inbox.effectIds()).containsExactlyInAnyOrderElementsOf(numbers(300));
            assertThat(loop.counts()).isEqualTo(new KafkaConsumerLoop.Counts(300, 200, 0, 0));
            assertThat(loop.isRunning()).isTrue();
        }
        inbox.assertOrderPerKey();
    }

    @ParameterizedTest
    @ValueSource(strings = {"H2", "PostgreSQL"})
    void handles_onceWhenOffsetsWereNotCommitted(String database) throws Exception {
        inbox.close();
        inbox = Inbox.of(database);
        KAFKA.createTopic(topic, 2);
        try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic)) {
            feed.publish(0, 100, 10);
        }
        KafkaConsumerLoop first = started(builder(Inbox::effect));
        awaitEffects(100);
        first.close();
        rewindOffsets(2); // as if it had been killed between the commit in the database and that of the offset

        try (KafkaConsumerLoop second = started(builder(Inbox::effect))) {
            await().atMost(LIMIT).until(() -> second.counts().duplicates() == 100);
            assertThat(second.counts().handled()).isZero();
        }

        assertThat(inbox.effectIds()).containsExactlyInAnyOrderElementsOf(numbers(100));
    }

    @Test
    void stop_commitsWhatIsDone_soThatTheNextLoopGoesOnThere() {
        KAFKA.createTopic(topic, 3);
        try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic)) {
            feed.publish(0, 300, 10);
        }
        CountDownLatch some = new CountDownLatch(50);
        KafkaConsumerLoop first = started(builder((connection, message) -> {
            Inbox.effect(connection, message);
            some.countDown();
        }));
        await().atMost(LIMIT).until(() -> some.getCount() == 0);
        assertThat(first.stop(Duration.ofSeconds(10))).isTrue();
        assertThat(first.isRunning()).isFalse();
        assertThat(first.failure()).isEmpty();

        try (KafkaConsumerLoop second = started(builder(Inbox::effect))) {
            awaitEffects(300);
            assertThat(second.counts().duplicates()).isZero();
        }
        assertThat(inbox.effectIds()).containsExactlyInAnyOrderElementsOf(numbers(300));
    }

    @Test
    void rebalances_loseAndRepeatNothing() {
        KAFKA.createTopic(topic, 6);
        int messages = 0;
        try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic);
                KafkaConsumerLoop steady = started(builder(Inbox::effect))) {
            for (int i = 0; i < 5; i++) {
                try (KafkaConsumerLoop guest = started(builder(Inbox::effect).threads(2))) {
                    long until = System.nanoTime() + LIMIT.toNanos();
                    while (guest.counts().handled() == 0 && System.nanoTime() < until) {
                        feed.publish(messages, messages + 50, 50);
                        messages += 50;
                    }
                    assertThat(guest.counts().handled()).isPositive();
                }
            }
            awaitEffects(messages);
            assertThat(steady.isRunning()).isTrue();
        }
        assertThat(inbox.effectIds()).containsExactlyInAnyOrderElementsOf(numbers(messages));
        inbox.assertOrderPerKey();
    }

    @Test
    void slowHandlers_doNotCostTheMembership() {
        KAFKA.createTopic(topic, 1);
        try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic);
                KafkaConsumerLoop loop = started(builder(
                        Map.of("max.poll.interval.ms", 2_000, "session.timeout.ms", 6_000), (connection, message) -> {
                            Inbox.effect(connection, message);
                            TimeUnit.MILLISECONDS.sleep(30); // what a slow handler does
                        }))) {
            feed.publish(0, 200, 1);
            awaitEffects(200);
            assertThat(loop.counts()).isEqualTo(new KafkaConsumerLoop.Counts(200, 0, 0, 0));
        }
    }

    @Test
    void failure_isTriedAgainInOrderWhileOtherPartitionsGoOn() {
        KAFKA.createTopic(topic, 4);
        AtomicInteger attempts = new AtomicInteger();
        CountDownLatch healed = new CountDownLatch(1);
        try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic);
                KafkaConsumerLoop loop = started(builder((connection, message) -> {
                            Inbox.effect(connection, message);
                            if (message.id().equals("3")) {
                                assertThat(message.attempt()).isEqualTo(attempts.incrementAndGet());
                                if (healed.getCount() > 0) {
                                    throw new IllegalStateException("not yet");
                                }
                            }
                        })
                        .maxAttempts(1_000))) {
            feed.publish(0, 100, 20);
            await().atMost(LIMIT)
                    .until(() -> attempts.get() >= 3 && inbox.effects().size() >= 60);
            assertThat(inbox.effectIds()).doesNotContain("3", "23", "43");
            healed.countDown();
            awaitEffects(100);
            assertThat(loop.counts().deadLetters()).isZero();
        }
        assertThat(inbox.effectIds()).containsExactlyInAnyOrderElementsOf(numbers(100));
        inbox.assertOrderPerKey();
    }

    @Test
    void error_endsTheLoopVisibly() {
        KAFKA.createTopic(topic, 2);
        try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic)) {
            feed.publish(0, 1, 1); // before the error, which would end this wait, too
        }
        try (KafkaConsumerLoop loop = started(builder((connection, message) -> {
                    throw new StackOverflowError("made by the test");
                })
                .threads(2))) {
            await().atMost(LIMIT).dontCatchUncaughtExceptions().until(() -> !loop.isRunning());
            assertThat(loop.failure()).containsInstanceOf(StackOverflowError.class);
            assertThat(loop.stop(Duration.ofSeconds(10))).isTrue();
        }
        assertThat(inbox.effects()).isEmpty();
    }

    @Test
    void topicMadeAfterTheStart_isRead() {
        try (KafkaConsumerLoop loop = started(builder(Map.of("metadata.max.age.ms", 1_000), Inbox::effect))) {
            KAFKA.createTopic(topic, 2);
            try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic)) {
                feed.publish(0, 10, 3);
            }
            awaitEffects(10);
            assertThat(loop.isRunning()).isTrue();
        }
    }

    private void rewindOffsets(int partitions) throws Exception {
        Map<TopicPartition, OffsetAndMetadata> start = new HashMap<>();
        for (int i = 0; i < partitions; i++) {
            start.put(new TopicPartition(topic, i), new OffsetAndMetadata(0));
        }
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", KAFKA.bootstrapServers()))) {
            admin.alterConsumerGroupOffsets(group, start).all().get(30, TimeUnit.SECONDS);
        }
    }
}
