package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.consumer.MessageHandler;
import io.outbox.consumer.RejectedMessageException;
import io.outbox.consumer.RetryLaterException;
import io.outbox.testkit.internal.ChildJvm;
import io.outbox.testkit.internal.DyingTransactions;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Batches, handlers by key, long handlers, and what an exception's type says. */
@Timeout(120)
class KafkaConsumerModesIT {
    private static final KafkaServer KAFKA = TestServers.kafka();
    private static final Duration LIMIT = Duration.ofSeconds(40);

    private final String topic = Samples.topic("modes");
    private final String group = "group-" + topic;
    private final Inbox inbox = Inbox.postgres();

    @AfterEach
    void closeInbox() throws Exception {
        inbox.close();
    }

    private KafkaConsumerLoop.Builder<Connection> builder(
            Map<String, Object> more, MessageHandler<Connection, ?> handler) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", KAFKA.bootstrapServers());
        settings.put("session.timeout.ms", 6_000);
        settings.put("heartbeat.interval.ms", 500);
        return KafkaConsumerLoop.builder(settings, List.of(topic), inbox.consumer(group), handler)
                .retryDelays(Duration.ofMillis(20), Duration.ofMillis(200));
    }

    private KafkaConsumerLoop.Builder<Connection> builder(MessageHandler<Connection, ?> handler) {
        return builder(Map.of(), handler);
    }

    private static KafkaConsumerLoop started(KafkaConsumerLoop.Builder<Connection> builder) {
        KafkaConsumerLoop loop = builder.build();
        loop.start();
        return loop;
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(Integer::toString).toList();
    }

    private void publish(int from, int to, int keys) {
        try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic)) {
            feed.publish(from, to, keys);
        }
    }

    private void awaitEffects(int count) {
        await().atMost(LIMIT).until(() -> inbox.effects().size() >= count);
    }

    private long committedOffset() throws Exception {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", KAFKA.bootstrapServers()))) {
            var offsets = admin.listConsumerGroupOffsets(group)
                    .partitionsToOffsetAndMetadata()
                    .get(30, TimeUnit.SECONDS);
            var offset = offsets.get(new TopicPartition(topic, 0));
            return offset == null ? 0 : offset.offset();
        }
    }

    @Test
    void batches_takeEffectOnceInOrder_thoughOneOfThemFails() {
        KAFKA.createTopic(topic, 3);
        KAFKA.createTopic(topic + "." + group + ".dead-letter", 1);
        publish(0, 500, 20);
        publish(0, 600, 20);
        AtomicInteger failures = new AtomicInteger(5);
        try (KafkaConsumerLoop loop = started(builder((connection, message) -> {
                    Inbox.effect(connection, message);
                    if (message.id().equals("77") && failures.getAndDecrement() > 0) {
                        throw new IllegalStateException("not yet");
                    }
                    if (message.id().equals("99")) {
                        throw new RejectedMessageException("never");
                    }
                })
                .batch(100))) {
            await().atMost(LIMIT)
                    .until(() -> loop.counts().handled()
                                    + loop.counts().duplicates()
                                    + loop.counts().deadLetters()
                            == 1_100);
            // 99 was published twice, and is a dead letter each time
            assertThat(loop.counts().handled()).isEqualTo(599);
            assertThat(loop.counts().deadLetters()).isEqualTo(2);
        }
        assertThat(inbox.effectIds()).hasSize(599).doesNotHaveDuplicates().doesNotContain("99");
        inbox.assertOrderPerKey();
    }

    @Test
    void handlersByKey_letOtherKeysOfThePartitionGoOn_andCommitOffsetsInOrder() throws Exception {
        KAFKA.createTopic(topic, 1);
        publish(0, 100, 10);
        CountDownLatch healed = new CountDownLatch(1);
        try (KafkaConsumerLoop first = started(builder((connection, message) -> {
                    if ("13".equals(message.id())) {
                        healed.await();
                    }
                    Inbox.effect(connection, message);
                })
                .handlersByKey(16))) {
            awaitEffects(80);
            await().atMost(LIMIT).until(() -> committedOffset() == 13);
            assertThat(inbox.effectIds()).doesNotContain("13", "23", "93").contains("12", "99", "3");
            healed.countDown();
            awaitEffects(100);
            await().atMost(LIMIT).until(() -> committedOffset() == 100);
            assertThat(first.counts()).isEqualTo(new KafkaConsumerLoop.Counts(100, 0, 0, 0));
        }
        inbox.assertOrderPerKey();
    }

    @Test
    void aKeyThatIsNotDoneForLong_letsOthersGoOn_untilSoManyAreDoneBehindIt() {
        KAFKA.createTopic(topic, 1);
        publish(0, 400, 400);
        AtomicBoolean away = new AtomicBoolean(true);
        try (KafkaConsumerLoop loop = started(builder(Map.of("max.poll.records", 10), (connection, message) -> {
                    if ("3".equals(message.id()) && away.get()) {
                        throw new RetryLaterException("the bank is closed");
                    }
                    Inbox.effect(connection, message);
                })
                .handlersByKey(4))) {
            awaitEffects(150);
            // twenty times ten records may be done behind the one that is not, and a poll or two more
            await("the end of reading")
                    .pollDelay(Duration.ofSeconds(2))
                    .atMost(LIMIT)
                    .until(() -> inbox.effects().size() < 250);
            away.set(false);
            awaitEffects(400);
            assertThat(loop.isRunning()).isTrue();
        }
        assertThat(inbox.effectIds()).containsExactlyInAnyOrderElementsOf(numbers(400));
    }

    @Test
    void handlersByKey_inBatchesUnderRebalances_loseRepeatAndReorderNothing() {
        KAFKA.createTopic(topic, 4);
        int messages = 0;
        try (Feed feed = new Feed(KAFKA.bootstrapServers(), topic);
                KafkaConsumerLoop steady =
                        started(builder(Inbox::effect).handlersByKey(3).batch(20))) {
            for (int i = 0; i < 3; i++) {
                try (KafkaConsumerLoop guest =
                        started(builder(Inbox::effect).handlersByKey(3).batch(20))) {
                    long until = System.nanoTime() + LIMIT.toNanos();
                    while (guest.counts().handled() == 0 && System.nanoTime() < until) {
                        feed.publish(messages, messages + 100, 50);
                        messages += 100;
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
    void aHandlerLongerThanThePollInterval_keepsItsPartition() {
        KAFKA.createTopic(topic, 1);
        publish(0, 3, 1);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        try (KafkaConsumerLoop loop = started(builder(Map.of("max.poll.interval.ms", 2_000), (connection, message) -> {
            if (seen.add(message.id()) && message.id().equals("1")) {
                TimeUnit.MILLISECONDS.sleep(5_000); // what a slow handler does
            }
            Inbox.effect(connection, message);
        }))) {
            awaitEffects(3);
            assertThat(loop.counts()).isEqualTo(new KafkaConsumerLoop.Counts(3, 0, 0, 0));
            assertThat(loop.isRunning()).isTrue();
        }
        assertThat(inbox.effectIds()).containsExactly("0", "1", "2");
    }

    @Test
    void partitionsTakenAwayFromABusyHandler_repeatNoEffect() throws Exception {
        KAFKA.createTopic(topic, 2);
        publish(0, 40, 40);
        CountDownLatch busy = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        KafkaConsumerLoop first = started(builder(Map.of("max.poll.interval.ms", 4_000), (connection, message) -> {
                    Inbox.effect(connection, message);
                    busy.countDown();
                    goOn.await(); // longer than a partition that is taken away is waited for
                })
                .handlersByKey(2));
        assertThat(busy.await(40, TimeUnit.SECONDS)).isTrue();
        try (KafkaConsumerLoop second = started(builder(Inbox::effect).handlersByKey(5))) {
            await().atMost(LIMIT).until(() -> second.counts().handled() > 0);
            goOn.countDown();
            awaitEffects(40);
        }
        first.close();
        assertThat(inbox.effectIds()).containsExactlyInAnyOrderElementsOf(numbers(40));
    }

    @Test
    void retryLater_countsNoAttempt_andRejected_isADeadLetterAtOnce() {
        KAFKA.createTopic(topic, 1);
        KAFKA.createTopic(topic + "." + group + ".dead-letter", 1);
        publish(0, 4, 4);
        AtomicInteger away = new AtomicInteger(4);
        try (KafkaConsumerLoop loop = started(builder((connection, message) -> {
                    assertThat(message.attempt()).isEqualTo(1);
                    if (message.id().equals("1") && away.getAndDecrement() > 0) {
                        throw new RetryLaterException("the bank is closed");
                    }
                    if (message.id().equals("2")) {
                        throw new RejectedMessageException("no such account");
                    }
                    Inbox.effect(connection, message);
                })
                .maxAttempts(1))) {
            awaitEffects(3);
            assertThat(loop.counts()).isEqualTo(new KafkaConsumerLoop.Counts(3, 0, 5, 1));
        }
        assertThat(inbox.effectIds()).containsExactly("0", "1", "3");
    }

    @Test
    void readCommitted_leavesOutWhatAProducerAborted() {
        KAFKA.createTopic(topic, 1);
        Map<String, Object> settings = Map.of(
                "bootstrap.servers",
                KAFKA.bootstrapServers(),
                "transactional.id",
                topic,
                "transaction.timeout.ms",
                10_000);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.initTransactions();
            for (String id : List.of("aborted", "committed")) {
                producer.beginTransaction();
                ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(topic, new byte[0]);
                record.headers().add("ce_id", id.getBytes(StandardCharsets.UTF_8));
                producer.send(record);
                producer.flush();
                if (id.equals("aborted")) {
                    producer.abortTransaction();
                } else {
                    producer.commitTransaction();
                }
            }
        }
        try (KafkaConsumerLoop loop = started(builder(Map.of("isolation.level", "read_committed"), Inbox::effect))) {
            awaitEffects(1);
            assertThat(loop.isRunning()).isTrue();
        }
        assertThat(inbox.effectIds()).containsExactly("committed");
    }

    private Process startDying(int commits) throws IOException {
        return DyingConsumer.start(commits, inbox.database(), KAFKA.bootstrapServers(), topic);
    }

    @Test
    void consumersThatDieBetweenCommitAndAcknowledgement_repeatNoEffect() throws Exception {
        KAFKA.createTopic(topic, 1);
        publish(0, 200, 10);
        for (int commits = 1; commits <= 3; commits++) {
            assertThat(ChildJvm.awaitEnd(startDying(commits))).isEqualTo(DyingTransactions.DIED);
        }
        Process last = startDying(0);
        try {
            awaitEffects(200);
        } finally {
            last.destroyForcibly().waitFor();
        }

        assertThat(inbox.effectIds()).containsExactlyInAnyOrderElementsOf(numbers(200));
        inbox.assertOrderPerKey();
    }
}
