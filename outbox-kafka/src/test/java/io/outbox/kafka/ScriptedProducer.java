package io.outbox.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** A producer whose answers a test gives, from the test's thread in the place of the I/O thread. */
final class ScriptedProducer extends MockProducer<byte[], byte[]> {
    record Sent(ProducerRecord<byte[], byte[]> record, Callback callback) {
        String id() {
            return new String(record.value(), java.nio.charset.StandardCharsets.UTF_8);
        }
    }

    private static final Node BROKER = new Node(1, "localhost", 1);

    private final Map<String, List<PartitionInfo>> topics = new HashMap<>();
    private final List<Sent> outstanding = new ArrayList<>();
    private @Nullable RuntimeException refusal;
    private boolean ended;
    /** Whether closing is enough to end what is outstanding; a dead I/O thread does nothing of the kind. */
    private boolean alive = true;

    synchronized ScriptedProducer topic(String name, int partitions) {
        List<PartitionInfo> infos = new ArrayList<>();
        for (int i = 0; i < partitions; i++) {
            infos.add(new PartitionInfo(name, i, BROKER, new Node[] {BROKER}, new Node[] {BROKER}));
        }
        topics.put(name, infos);
        return this;
    }

    synchronized void loseLeader(String name) {
        topics.computeIfPresent(
                name,
                (topic, infos) -> infos.stream()
                        .map(info -> new PartitionInfo(topic, info.partition(), null, info.replicas(), new Node[0]))
                        .toList());
    }

    synchronized void forget(String name) {
        topics.remove(name);
    }

    synchronized void refuseWith(@Nullable RuntimeException failure) {
        refusal = failure;
    }

    synchronized void die() {
        alive = false;
    }

    synchronized boolean isEnded() {
        return ended;
    }

    synchronized List<String> outstanding() {
        return outstanding.stream().map(Sent::id).toList();
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
        synchronized (this) {
            if (refusal != null) {
                throw refusal;
            }
            if (topics.containsKey(record.topic())) {
                outstanding.add(new Sent(record, callback));
                return new CompletableFuture<>();
            }
        }
        callback.onCompletion(metadata(record), noMetadata(record.topic()));
        return new CompletableFuture<>();
    }

    @Override
    public synchronized List<PartitionInfo> partitionsFor(String topic) {
        List<PartitionInfo> infos = topics.get(topic);
        if (infos == null) {
            throw noMetadata(topic);
        }
        return infos;
    }

    private static TimeoutException noMetadata(String topic) {
        return new TimeoutException("no " + topic, new UnknownTopicOrPartitionException("unknown"));
    }

    void acknowledge(String id) {
        Sent sent = take(id);
        sent.callback().onCompletion(metadata(sent.record()), null);
    }

    void fail(String id, Exception failure) {
        Sent sent = take(id);
        sent.callback().onCompletion(metadata(sent.record()), failure);
    }

    private synchronized Sent take(String id) {
        Sent sent = outstanding.stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .orElseThrow(() -> new AssertionError(id + " is not outstanding: " + outstanding()));
        outstanding.remove(sent);
        return sent;
    }

    @Override
    public void close(Duration limit) {
        List<Sent> left;
        synchronized (this) {
            ended = true;
            left = alive ? new ArrayList<>(outstanding) : List.of();
            outstanding.removeAll(left);
        }
        for (Sent sent : left) {
            sent.callback().onCompletion(metadata(sent.record()), new KafkaException("closed by force"));
        }
    }

    private static RecordMetadata metadata(ProducerRecord<byte[], byte[]> record) {
        int partition = record.partition() == null ? 0 : record.partition();
        return new RecordMetadata(new TopicPartition(record.topic(), partition), 0, 0, 0, 0, 0);
    }
}
