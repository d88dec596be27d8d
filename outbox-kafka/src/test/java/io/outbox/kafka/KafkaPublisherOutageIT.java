package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.PublishOutcome;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(180)
class KafkaPublisherOutageIT {
    private static final int KEYS = 50;
    private static final Duration LIMIT = Duration.ofSeconds(90);

    private static KafkaServer kafka;

    @BeforeAll
    static void startKafka() {
        kafka = TestServers.newKafka();
    }

    @AfterAll
    static void closeKafka() {
        kafka.close();
    }

    private static KafkaPublisher publisher(Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        return KafkaPublisher.builder(settings)
                .metadataTimeout(Duration.ofSeconds(2))
                .build();
    }

    private static Map<String, Object> impatient() {
        return Map.of("delivery.timeout.ms", 2_000, "request.timeout.ms", 1_000);
    }

    @Test
    void brokerKilledUnderLoad_losesNothingAndKeepsOrder() throws Exception {
        String topic = Samples.topic("killed");
        kafka.createTopic(topic, 4);
        int messages = 150_000;
        try (KafkaPublisher publisher = publisher(Map.of())) {
            Driver driver = new Driver(publisher, topic, messages, KEYS);
            Thread thread = start(driver);
            for (int share = 1; share <= 2; share++) {
                int until = messages * share / 4;
                await().atMost(LIMIT).until(() -> driver.acknowledged() > until);
                kafka.kill();
                kafka.start();
            }
            finish(driver, thread, messages);
            assertThat(driver.longestCallMillis()).isLessThan(500);
        }
        assertComplete(topic, messages);
    }

    @Test
    void producerThatGaveUpOnAFrozenBroker_losesNothingAndKeepsOrder() throws Exception {
        String topic = Samples.topic("frozen");
        kafka.createTopic(topic, 4);
        int messages = 100_000;
        try (KafkaPublisher publisher = publisher(impatient())) {
            Driver driver = new Driver(publisher, topic, messages, KEYS);
            Thread thread = start(driver);
            for (int share = 1; share <= 2; share++) {
                int until = messages * share / 4;
                await().atMost(LIMIT).until(() -> driver.acknowledged() > until);
                int halts = driver.halts();
                kafka.pause();
                await().atMost(LIMIT).until(() -> driver.halts() > halts);
                kafka.resume();
            }
            finish(driver, thread, messages);
            assertThat(driver.halts()).isPositive();
        }
        assertComplete(topic, messages);
    }

    @Test
    void producerThatGaveUpTheOldestRecord_letsNoYoungerOneOvertake() throws Exception {
        String topic = Samples.topic("oldest");
        kafka.createTopic(topic, 1);
        int messages = 8_000;
        try (KafkaPublisher publisher = publisher(impatient())) {
            // messages come over time, so that the first expires while the last are young
            Driver driver = new Driver(publisher, topic, messages, KEYS, 1);
            Thread thread = start(driver);
            for (int share = 1; share <= 2; share++) {
                int until = messages * share / 4;
                await().atMost(LIMIT).until(() -> driver.acknowledged() > until);
                int halts = driver.halts();
                kafka.pause();
                await().pollInterval(Duration.ofMillis(2)).atMost(LIMIT).until(() -> driver.halts() > halts);
                kafka.resume();
            }
            finish(driver, thread, messages);
        }
        assertComplete(topic, messages);
    }

    @Test
    void producerThatGaveUpOnADeadBroker_isChannelUnavailableAndRecovers() throws Exception {
        String topic = Samples.topic("gone");
        kafka.createTopic(topic, 4);
        int messages = 60_000;
        try (KafkaPublisher publisher = publisher(impatient())) {
            Driver driver = new Driver(publisher, topic, messages, KEYS);
            Thread thread = start(driver);
            await().atMost(LIMIT).until(() -> driver.acknowledged() > messages / 4);
            kafka.kill();
            await().atMost(LIMIT).until(() -> driver.halts() > 2);
            kafka.start();
            finish(driver, thread, messages);
        }
        assertComplete(topic, messages);
    }

    @Test
    void topicDeletedUnderLoad_isRejectedForNowWhileOthersRecoverAtOnce() throws Exception {
        String healthy = Samples.topic("healthy");
        String doomed = Samples.topic("doomed");
        kafka.createTopic(healthy, 2);
        kafka.createTopic(doomed, 1);
        Outcomes outcomes = new Outcomes();
        int messages = 2_000_000;
        try (KafkaPublisher publisher = publisher(impatient())) {
            publisher.publish(Samples.message(doomed, "k", "first"), outcomes.of("first"));
            outcomes.await(1, LIMIT);
            Driver driver = new Driver(publisher, healthy, messages, KEYS);
            Thread thread = start(driver);
            await().atMost(LIMIT).until(() -> driver.acknowledged() > 1_000);
            try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
                admin.deleteTopics(List.of(doomed)).all().get(30, TimeUnit.SECONDS);
            }

            for (int i = 0; i < 20; i++) {
                String id = "doomed-" + i;
                int before = outcomes.all().size();
                publisher.publish(Samples.message(doomed, "k", id), outcomes.of(id));
                if (i % 10 == 9) {
                    outcomes.await(before + 1, LIMIT);
                }
            }

            outcomes.await(21, LIMIT);
            int reached = driver.acknowledged();
            await().atMost(LIMIT).until(() -> driver.acknowledged() > reached + 1_000);
            assertThat(driver.halts()).isLessThanOrEqualTo(1);
            assertThat(outcomes.all().subList(1, 21))
                    .allSatisfy(told -> assertThat(told.outcome()).isInstanceOf(PublishOutcome.RejectedForNow.class));
            thread.interrupt();
        }
    }

    private static Thread start(Driver driver) {
        Thread thread = new Thread(driver, "driver");
        thread.start();
        return thread;
    }

    private static void finish(Driver driver, Thread thread, int messages) throws InterruptedException {
        thread.join(LIMIT.toMillis());
        assertThat(driver.acknowledged()).isEqualTo(messages);
        assertThat(driver.unexpected()).isEqualTo(PublishOutcome.published());
    }

    private static void assertComplete(String topic, int messages) {
        try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), topic)) {
            FirstDeliveries deliveries = FirstDeliveries.of(reader.toEnd());
            deliveries.assertComplete(messages, KEYS);
        }
    }
}
