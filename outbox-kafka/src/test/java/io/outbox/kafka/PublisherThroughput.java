package io.outbox.kafka;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Compares the publisher with a plain producer loop, both with at most 10,000 messages of 512 bytes in flight, in turns
 * within one JVM. Not a test: run its main method, with the names of variants to compare.
 */
final class PublisherThroughput {
    private static final int MESSAGES = Integer.getInteger("messages", 300_000);
    private static final int ROUNDS = Integer.getInteger("rounds", 5);
    private static final int WINDOW = 10_000;
    private static final int KEYS = 1_000;
    private static final int PARTITIONS = Integer.getInteger("partitions", 6);

    private PublisherThroughput() {}

    public static void main(String[] arguments) throws Exception {
        KafkaServer kafka = TestServers.kafka();
        String topic = "throughput";
        kafka.createTopic(topic, PARTITIONS);
        List<StoredMessage> messages = messages(topic);
        Map<String, Supplier<Double>> variants = new LinkedHashMap<>();
        variants.put("plain", () -> plain(kafka, topic, messages, Map.of(), false));
        variants.put("plain+headers", () -> plain(kafka, topic, messages, Map.of(), true));
        variants.put(
                "plain 128k linger 0",
                () -> plain(kafka, topic, messages, Map.of("linger.ms", 0, "batch.size", 131_072), false));
        variants.put("publisher", () -> publisher(kafka, messages, Map.of()));
        for (int linger : new int[] {0, 1, 5}) {
            for (int kib : new int[] {16, 64, 128, 256}) {
                Map<String, Object> settings = Map.of("linger.ms", linger, "batch.size", kib * 1024);
                variants.put("publisher " + kib + "k linger " + linger, () -> publisher(kafka, messages, settings));
            }
        }
        if (arguments.length > 0) {
            variants.keySet().retainAll(Arrays.asList(arguments));
        }
        Map<String, List<Double>> rates = new LinkedHashMap<>();
        for (int round = -1; round < ROUNDS; round++) {
            for (Map.Entry<String, Supplier<Double>> variant : variants.entrySet()) {
                double rate = variant.getValue().get();
                if (round >= 0) {
                    rates.computeIfAbsent(variant.getKey(), name -> new ArrayList<>())
                            .add(rate);
                }
            }
        }
        double plain = rates.containsKey("plain") ? median(rates.get("plain")) : Double.NaN;
        rates.forEach((name, all) -> System.out.printf(
                "%-28s %8.0f msg/s  %.2f x plain   %s%n",
                name,
                median(all),
                median(all) / plain,
                all.stream().map(Double::intValue).toList()));
    }

    private static List<StoredMessage> messages(String topic) {
        List<StoredMessage> messages = new ArrayList<>();
        Random random = new Random(7);
        for (int i = 0; i < MESSAGES; i++) {
            byte[] payload = new byte[512];
            random.nextBytes(payload);
            messages.add(Samples.message(
                    topic, "key-" + i % KEYS, "0190a8c0-0000-7000-8000-" + (100_000_000_000L + i), payload));
        }
        return messages;
    }

    private static double plain(
            KafkaServer kafka, String topic, List<StoredMessage> messages, Map<String, Object> more, boolean headers) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        settings.put("acks", "all");
        RecordEncoder encoder = new RecordEncoder("/outbox");
        Semaphore window = new Semaphore(WINDOW);
        try (KafkaProducer<byte[], byte[]> producer =
                new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
            producer.partitionsFor(topic);
            long began = System.nanoTime();
            for (StoredMessage message : messages) {
                window.acquireUninterruptibly();
                byte[] key = RecordEncoder.bytes(message.message().key());
                ProducerRecord<byte[], byte[]> record = headers
                        ? new ProducerRecord<>(
                                topic, null, null, key, message.message().payload(), encoder.headers(message))
                        : new ProducerRecord<>(topic, key, message.message().payload());
                producer.send(record, (metadata, failure) -> {
                    if (failure != null) {
                        failure.printStackTrace();
                    }
                    window.release();
                });
            }
            window.acquireUninterruptibly(WINDOW);
            return rate(began);
        }
    }

    private static double publisher(KafkaServer kafka, List<StoredMessage> messages, Map<String, Object> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        Semaphore window = new Semaphore(WINDOW);
        try (KafkaPublisher publisher = KafkaPublisher.builder(settings).build()) {
            Semaphore first = new Semaphore(0);
            publisher.publish(messages.get(0), outcome -> first.release());
            first.acquireUninterruptibly();
            long began = System.nanoTime();
            for (StoredMessage message : messages) {
                window.acquireUninterruptibly();
                publisher.publish(message, outcome -> {
                    if (!(outcome instanceof PublishOutcome.Published)) {
                        System.err.println(outcome);
                    }
                    window.release();
                });
            }
            window.acquireUninterruptibly(WINDOW);
            return rate(began);
        }
    }

    private static double rate(long began) {
        return MESSAGES / (Duration.ofNanos(System.nanoTime() - began).toNanos() / 1e9);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
