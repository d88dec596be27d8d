package io.outbox.torture;

import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServer;
import io.outbox.testkit.servers.TestServers;
import io.outbox.torture.faults.FaultKind;
import io.outbox.torture.faults.TcpProxy;
import io.outbox.torture.history.History;
import io.outbox.torture.worker.Names;
import io.outbox.torture.worker.Numbered;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.config.TopicConfig;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** A Kafka node that names the proxy as its address. */
final class KafkaUnderAttack implements BrokerUnderAttack {
    private static final int PARTITIONS = 4;
    private static final Duration POLL = Duration.ofMillis(500);
    private static final List<TopicPartition> ALL = IntStream.range(0, PARTITIONS)
            .mapToObj(partition -> new TopicPartition(Names.DESTINATION, partition))
            .toList();

    private final KafkaServer server;
    private final String address;

    KafkaUnderAttack(TcpProxy proxy) {
        address = "127.0.0.1:" + proxy.port();
        server = TestServers.newKafka(Map.of(), own -> {
            int colon = own.lastIndexOf(':');
            proxy.target(own.substring(0, colon), Integer.parseInt(own.substring(colon + 1)));
            return address;
        });
        server.createTopic(
                Names.DESTINATION,
                PARTITIONS,
                Map.of(
                        TopicConfig.MAX_MESSAGE_BYTES_CONFIG,
                        Integer.toString(Names.MOST_BYTES),
                        TopicConfig.MESSAGE_TIMESTAMP_TYPE_CONFIG,
                        "LogAppendTime"));
        server.createTopic(Names.DESTINATION + "." + Names.GROUP + ".dead-letter", 1);
    }

    @Override
    public TestServer server() {
        return server;
    }

    @Override
    public String address() {
        return address;
    }

    @Override
    public Set<FaultKind> unknown() {
        return Set.of(FaultKind.BROKER_FULL);
    }

    @Override
    public void refuse(boolean refuses) {
        set(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, refuses ? "2" : "1");
    }

    @Override
    public void healForGood() {
        set(TopicConfig.MAX_MESSAGE_BYTES_CONFIG, "1000000");
    }

    private void set(String setting, String value) {
        ConfigResource topic = new ConfigResource(ConfigResource.Type.TOPIC, Names.DESTINATION);
        AlterConfigOp set = new AlterConfigOp(new ConfigEntry(setting, value), AlterConfigOp.OpType.SET);
        try (Admin admin = admin()) {
            get(admin.incrementalAlterConfigs(Map.of(topic, List.of(set))).all());
        }
    }

    @Override
    public void fill(boolean full) {
        throw new UnsupportedOperationException("Kafka has no memory alarm");
    }

    @Override
    public long backlog() {
        try (Admin admin = admin();
                KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            Map<TopicPartition, OffsetAndMetadata> done =
                    get(admin.listConsumerGroupOffsets(Names.GROUP).partitionsToOffsetAndMetadata());
            return consumer.endOffsets(ALL).entrySet().stream()
                    .mapToLong(end -> {
                        OffsetAndMetadata at = done.get(end.getKey());
                        return end.getValue() - (at == null ? 0 : at.offset());
                    })
                    .sum();
        }
    }

    @Override
    public void tell(History history) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            consumer.assign(ALL);
            consumer.seekToBeginning(ALL);
            Map<TopicPartition, Long> ends = consumer.endOffsets(ALL);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    Numbered message = Numbered.of(record.value());
                    history.arrived(
                            message.key(),
                            message.number(),
                            Instant.ofEpochMilli(record.timestamp()), // the broker's
                            "partition " + record.partition() + " offset " + record.offset());
                }
            }
        }
    }

    @Override
    public void close() {
        server.close();
    }

    private Admin admin() {
        return Admin.create(Map.of("bootstrap.servers", address));
    }

    private KafkaConsumer<byte[], byte[]> consumer() {
        return new KafkaConsumer<>(
                Map.of("bootstrap.servers", address), new ByteArrayDeserializer(), new ByteArrayDeserializer());
    }

    private static <T> T get(KafkaFuture<T> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka refuses", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
