package io.outbox.quickstart;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.IntSupplier;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;

/** What the run does to its topic other than publish and consume. Thread-safe. */
final class KafkaTopic implements AutoCloseable {
    private static final int LIMIT_SECONDS = 30;

    private final Admin admin;
    private final String topic;

    KafkaTopic(String bootstrap, String topic) {
        admin = Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrap,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                1000 * LIMIT_SECONDS,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                1000 * LIMIT_SECONDS));
        this.topic = topic;
    }

    /** Creates it, with as many replicas as the broker gives by itself. */
    void create(int partitions) {
        NewTopic fresh = new NewTopic(topic, Optional.of(partitions), Optional.empty());
        get(admin.createTopics(List.of(fresh)).all());
    }

    /** Whether the group has read all there is. */
    boolean isRead(String group) {
        Map<TopicPartition, OffsetAndMetadata> read = committed(group);
        return ends().entrySet().stream().allMatch(end -> {
            OffsetAndMetadata offset = read.get(end.getKey());
            return end.getValue().offset() == (offset == null ? 0 : offset.offset());
        });
    }

    /** Has a new group begin so many messages before the place that another has come to. */
    void startBehind(String group, String other, IntSupplier messages) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        committed(other)
                .forEach((partition, offset) -> offsets.put(
                        partition, new OffsetAndMetadata(Math.max(0, offset.offset() - messages.getAsInt()))));
        get(admin.alterConsumerGroupOffsets(group, offsets).all());
    }

    private Map<TopicPartition, OffsetAndMetadata> committed(String group) {
        Map<TopicPartition, OffsetAndMetadata> offsets =
                new HashMap<>(get(admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata()));
        offsets.values().removeIf(offset -> offset == null);
        return offsets;
    }

    private Map<TopicPartition, ListOffsetsResultInfo> ends() {
        TopicDescription described =
                get(admin.describeTopics(List.of(topic)).allTopicNames()).get(topic);
        if (described == null) {
            throw new IllegalStateException("Kafka does not know topic " + topic);
        }
        Map<TopicPartition, OffsetSpec> latest = new HashMap<>();
        described
                .partitions()
                .forEach(
                        partition -> latest.put(new TopicPartition(topic, partition.partition()), OffsetSpec.latest()));
        return get(admin.listOffsets(latest).all());
    }

    private static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get(LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka refuses: " + e.getCause(), e);
        } catch (TimeoutException e) {
            throw new IllegalStateException("Kafka does not answer within " + LIMIT_SECONDS + " s", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for Kafka", e);
        }
    }

    /** Deletes the topic; with it go the offsets of its groups, and the groups expire. */
    @Override
    public void close() {
        try (admin) {
            get(admin.deleteTopics(List.of(topic)).all());
        }
    }
}
