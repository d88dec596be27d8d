package io.outbox.kafka;

import io.outbox.consumer.ReceivedMessage;
import io.outbox.spi.Publisher;
import io.outbox.testkit.PublisherContract;
import io.outbox.testkit.PublisherFixture;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;

/** The Kafka publisher passes the test kit's suite on a real Kafka. */
class KafkaPublisherContractIT extends PublisherContract {
    private static KafkaServer kafka;

    @BeforeAll
    static void startKafka() {
        kafka = TestServers.newKafka();
    }

    @AfterAll
    static void stopKafka() {
        kafka.close();
    }

    @Override
    protected PublisherFixture fixture() {
        return new Fixture(KafkaPublisher.builder(Map.of(
                        "bootstrap.servers", kafka.bootstrapServers(),
                        "delivery.timeout.ms", "4000",
                        "request.timeout.ms", "2000"))
                .metadataTimeout(java.time.Duration.ofSeconds(3))
                .build());
    }

    private record Fixture(Publisher publisher) implements PublisherFixture {
        @Override
        public String newDestination() {
            String topic = Samples.topic("contract");
            kafka.createTopic(topic, 4);
            return topic;
        }

        @Override
        public String unknownDestination() {
            return Samples.topic("unknown");
        }

        @Override
        public List<ReceivedMessage> received(String destination, int atLeast) {
            try (TopicReader reader = new TopicReader(kafka.bootstrapServers(), destination)) {
                return reader.first(atLeast).stream()
                        .map(record -> RecordDecoder.decode(record, 1))
                        .toList();
            }
        }

        @Override
        public int tooLarge() {
            return 2 * 1024 * 1024;
        }

        @Override
        public void stopBroker() {
            kafka.kill();
        }

        @Override
        public void startBroker() {
            kafka.start();
        }

        @Override
        public void close() {
            publisher.close();
        }
    }
}
