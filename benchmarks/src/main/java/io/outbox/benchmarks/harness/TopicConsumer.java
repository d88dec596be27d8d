package io.outbox.benchmarks.harness;

import io.outbox.benchmarks.wire.ArrivalCheck;
import io.outbox.benchmarks.wire.Arrivals;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a topic from its beginning and checks what is in it. Reads large pieces and does nothing with them, so that it
 * costs little, and the same for every contender.
 */
public final class TopicConsumer implements ArrivalSource {
    private static final Duration POLL = Duration.ofMillis(50);

    private final ArrivalCheck check;
    private final Thread thread;
    private volatile boolean running = true;
    private volatile @Nullable RuntimeException failure;

    TopicConsumer(String bootstrapServers, String topic, int partitions, ArrivalCheck check, boolean prompt) {
        this.check = check;
        thread = new Thread(() -> run(bootstrapServers, topic, partitions, prompt), "bench-consumer");
        thread.setDaemon(true);
        thread.start();
    }

    private void run(String bootstrapServers, String topic, int partitions, boolean prompt) {
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings(bootstrapServers, prompt))) {
            List<TopicPartition> all = IntStream.range(0, partitions)
                    .mapToObj(partition -> new TopicPartition(topic, partition))
                    .toList();
            consumer.assign(all);
            consumer.seekToBeginning(all);
            while (running) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    check.add(record.value(), System.nanoTime());
                }
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private static Map<String, Object> settings(String bootstrapServers, boolean prompt) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", bootstrapServers);
        settings.put("key.deserializer", ByteArrayDeserializer.class);
        settings.put("value.deserializer", ByteArrayDeserializer.class);
        settings.put("enable.auto.commit", false);
        settings.put("max.poll.records", 10_000);
        settings.put("max.partition.fetch.bytes", 4 * 1024 * 1024);
        settings.put("fetch.max.bytes", 32 * 1024 * 1024);
        settings.put("receive.buffer.bytes", 1024 * 1024);
        settings.put("check.crcs", false);
        if (!prompt) {
            settings.put("fetch.min.bytes", 256 * 1024);
            settings.put("fetch.max.wait.ms", 20);
        }
        return settings;
    }

    @Override
    public long distinct() {
        RuntimeException failed = failure;
        if (failed != null) {
            throw new IllegalStateException("the checking consumer failed", failed);
        }
        return check.distinct();
    }

    @Override
    public Arrivals finish(long sent) {
        running = false;
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return check.result(sent);
    }

    /** Returns when a message arrived first; 0 when it has not. Only where times are kept. */
    long arrivedAt(int number) {
        return check.arrivedAt(number);
    }
}
