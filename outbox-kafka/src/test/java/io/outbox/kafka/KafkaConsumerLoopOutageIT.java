package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.PostgresServer;
import io.outbox.testkit.servers.TestServers;
import java.sql.Connection;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class KafkaConsumerLoopOutageIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);
    private static final Duration SESSION = Duration.ofSeconds(3);

    private static KafkaConsumerLoop.Builder<Connection> builder(
            String bootstrapServers, String topic, Inbox inbox, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("session.timeout.ms", (int) SESSION.toMillis());
        settings.put("heartbeat.interval.ms", 500);
        return KafkaConsumerLoop.builder(settings, List.of(topic), inbox.consumer("billing"), Inbox::effect)
                .maxAttempts(3)
                .retryDelays(Duration.ofMillis(50), Duration.ofMillis(500));
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(Integer::toString).toList();
    }

    @Test
    void databaseDownForAWhile_countsNoAttemptAndLosesNothing() throws Exception {
        String topic = Samples.topic("database");
        KafkaServer kafka = TestServers.kafka();
        kafka.createTopic(topic, 3);
        try (PostgresServer postgres = TestServers.newPostgres();
                Inbox inbox = Inbox.of(postgres.createDatabase());
                Feed feed = new Feed(kafka.bootstrapServers(), topic);
                KafkaConsumerLoop loop = builder(
                                kafka.bootstrapServers(), topic, inbox, Map.of("max.poll.interval.ms", 7_000))
                        .build()) {
            loop.start();
            feed.publish(0, 300, 10);
            await().atMost(LIMIT).until(() -> loop.counts().handled() > 50);

            postgres.kill();
            long failures = loop.counts().failedAttempts();
            await().atMost(LIMIT).until(() -> loop.counts().failedAttempts() > failures + 15);
            assertThat(loop.isRunning()).isTrue();
            postgres.start();

            await().atMost(LIMIT).until(() -> inbox.effects().size() >= 300);
            assertThat(loop.counts().deadLetters()).isZero();
            assertThat(inbox.effectIds()).containsExactlyInAnyOrderElementsOf(numbers(300));
        }
    }

    @Test
    void brokerKilledAndRestarted_losesAndRepeatsNothing() throws Exception {
        String topic = Samples.topic("broker");
        try (KafkaServer kafka = TestServers.newKafka();
                Inbox inbox = Inbox.h2();
                Feed feed = new Feed(kafka.bootstrapServers(), topic)) {
            kafka.createTopic(topic, 3);
            KafkaConsumerLoop loop = builder(kafka.bootstrapServers(), topic, inbox, Map.of())
                    .threads(2)
                    .build();
            loop.start();
            for (int round = 0; round < 3; round++) {
                int to = 1_000 * (round + 1);
                feed.publish(1_000 * round, to, 10);
                await().atMost(LIMIT).until(() -> inbox.effects().size() > to - 900);
                kafka.kill();
                kafka.start();
            }
            await().atMost(LIMIT).until(() -> inbox.effects().size() >= 3_000);
            assertThat(loop.isRunning()).isTrue();
            assertThat(inbox.effectIds()).containsExactlyInAnyOrderElementsOf(numbers(3_000));
            kafka.kill();
            assertThat(loop.stop(Duration.ofSeconds(30))).isTrue();
        }
    }

    @Test
    void brokerFrozen_isWaitedFor() throws Exception {
        String topic = Samples.topic("frozen");
        try (KafkaServer kafka = TestServers.newKafka();
                Inbox inbox = Inbox.h2();
                Feed feed = new Feed(kafka.bootstrapServers(), topic)) {
            kafka.createTopic(topic, 2);
            try (KafkaConsumerLoop loop = builder(
                            kafka.bootstrapServers(),
                            topic,
                            inbox,
                            Map.of("request.timeout.ms", 2_000, "default.api.timeout.ms", 2_000))
                    .build()) {
                loop.start();
                feed.publish(0, 100, 10);
                await().atMost(LIMIT).until(() -> inbox.effects().size() >= 100);
                kafka.pause();
                await("the end of the session: on waking the broker expels the member")
                        .pollDelay(SESSION.plusSeconds(1))
                        .atMost(LIMIT)
                        .until(loop::isRunning);
                kafka.resume();
                feed.publish(100, 200, 10);
                await().atMost(LIMIT).until(() -> inbox.effects().size() >= 200);
                assertThat(inbox.effectIds()).containsExactlyInAnyOrderElementsOf(numbers(200));
            }
        }
    }
}
