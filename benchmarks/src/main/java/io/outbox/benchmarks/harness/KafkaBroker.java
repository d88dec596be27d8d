package io.outbox.benchmarks.harness;

import io.outbox.benchmarks.wire.ArrivalCheck;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.kafka.clients.admin.Admin;

/** A Kafka broker. */
final class KafkaBroker implements Broker {
    private final KafkaServer kafka = TestServers.newKafka();
    private final Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));

    @Override
    public void describe(Map<String, String> worker) {
        worker.put("bootstrapServers", kafka.bootstrapServers());
    }

    @Override
    public void createTopic(String topic, int partitions) {
        kafka.createTopic(topic, partitions);
    }

    /** Makes a topic that keeps an eighth of a gigabyte of each partition: minutes at any rate that a soak can have. */
    void createShortTopic(String topic, int partitions) {
        kafka.createTopic(topic, partitions, Map.of("retention.bytes", "134217728", "segment.bytes", "33554432"));
    }

    @Override
    public void deleteTopic(String topic) {
        admin.deleteTopics(List.of(topic))
                .all()
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    @Override
    public TopicConsumer watch(String topic, int partitions, ArrivalCheck check, boolean prompt) {
        return new TopicConsumer(kafka.bootstrapServers(), topic, partitions, check, prompt);
    }

    @Override
    public void versions(Map<String, String> versions) {
        Properties client = new Properties();
        try (InputStream in = Admin.class.getResourceAsStream("/kafka/kafka-version.properties")) {
            client.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        versions.put("kafka", client.getProperty("version"));
    }

    @Override
    public void close() {
        admin.close();
        kafka.close();
    }
}
