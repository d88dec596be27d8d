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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
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
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/** A Kafka node that names the proxy as its address. */
final class KafkaUnderAttack implements BrokerUnderAttack {
    private static final int PARTITIONS = 4;
    /** About what one relay sends, without its bursts. */
    private static final double BYTES_A_SECOND = 30_000;

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
        server.createTopic(Names.SET_ASIDE_TOPIC, 1);
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
        return Set.of(FaultKind.BROKER_FULL, FaultKind.BROKER_QUEUE_FULL);
    }

    @Override
    public void hinder(FaultKind kind, boolean begins) {
        switch (kind) {
            case BROKER_REFUSES -> set(TopicConfig.MIN_IN_SYNC_REPLICAS_CONFIG, begins ? "2" : "1");
            case BROKER_SLOW -> limit(begins ? BYTES_A_SECOND : null);
            default -> throw new IllegalArgumentException("not for Kafka: " + kind);
        }
    }

    /** Limits what each producer may send; null for no limit. */
    private void limit(@Nullable Double bytesASecond) {
        Map<String, @Nullable String> anyProducer = new HashMap<>();
        anyProducer.put(ClientQuotaEntity.CLIENT_ID, null);
        ClientQuotaAlteration.Op limit = new ClientQuotaAlteration.Op("producer_byte_rate", bytesASecond);
        try (Admin admin = admin()) {
            get(admin.alterClientQuotas(
                            List.of(new ClientQuotaAlteration(new ClientQuotaEntity(anyProducer), List.of(limit))))
                    .all());
        }
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
        read(ALL, record -> {
            Numbered message = Numbered.of(record.value());
            history.arrived(
                    message.key(),
                    message.number(),
                    Instant.ofEpochMilli(record.timestamp()), // the broker's
                    "partition " + record.partition() + " offset " + record.offset());
        });
        read(List.of(new TopicPartition(Names.SET_ASIDE_TOPIC, 0)), record -> {
            Numbered message = Numbered.of(record.value());
            history.setAside(message.key(), message.number());
        });
    }

    private void read(List<TopicPartition> partitions, Consumer<ConsumerRecord<byte[], byte[]>> reader) {
        try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                consumer.poll(POLL).forEach(reader);
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
