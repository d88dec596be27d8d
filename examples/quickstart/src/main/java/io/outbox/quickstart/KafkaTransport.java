package io.outbox.quickstart;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.kafka.KafkaConsumerLoop;
import io.outbox.kafka.KafkaPublisher;
import io.outbox.spi.Publisher;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Function;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.jspecify.annotations.Nullable;

/**
 * Kafka: a topic and consumer groups of this run alone, the topic is deleted at its end. Thread-safe.
 *
 * <p>A redelivery is what a consumer brings about that crashed before its last offsets were committed: another takes its
 * place and begins some messages before the end of the first. It does so under a Kafka group of its own, so that it need
 * not wait until Kafka has noticed that the first is gone; to the dedup store it is billing all the same.
 */
final class KafkaTransport implements Transport {
    private static final int PARTITIONS = 4;
    private static final int CONSUMERS = 2;
    private static final int FARTHEST_BACK = 200;
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final String bootstrap;
    private final String topic = "quickstart_" + UUID.randomUUID().toString().substring(0, 8);
    private final KafkaTopic admin;
    private final Random random = new Random();
    /** The fields below are guarded by this. */
    private Function<String, KafkaConsumerLoop> loops = group -> {
        throw new IllegalStateException("no consumer yet");
    };

    private @Nullable KafkaConsumerLoop loop;
    private int generation;
    private long deadLetters;

    KafkaTransport(String bootstrap) {
        this.bootstrap = bootstrap;
        admin = new KafkaTopic(bootstrap, topic);
        admin.create(PARTITIONS);
    }

    @Override
    public String topic() {
        return topic;
    }

    @Override
    public Publisher publisher() {
        return KafkaPublisher.builder(bootstrap).source("/quickstart/shop").build();
    }

    @Override
    public synchronized void consume(IdempotentConsumer<Connection> consumer, TypedHandlers<Connection> handlers) {
        loops = group -> KafkaConsumerLoop.builder(
                        Map.of(
                                ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG, bootstrap,
                                ConsumerConfig.GROUP_ID_CONFIG, group),
                        List.of(topic),
                        consumer,
                        handlers)
                .threads(CONSUMERS)
                .build();
        start();
    }

    private synchronized void start() {
        KafkaConsumerLoop next = loops.apply(group());
        next.start();
        loop = next;
    }

    private synchronized void stop() {
        KafkaConsumerLoop last = loop;
        if (last != null) {
            last.stop(CLOSE_LIMIT);
            last.close();
            deadLetters += last.counts().deadLetters();
            loop = null;
        }
    }

    private String group() {
        return topic + "_" + Billing.GROUP + "_" + generation;
    }

    @Override
    public synchronized void redeliver() {
        stop();
        String before = group();
        generation++;
        admin.startBehind(group(), before, () -> random.nextInt(FARTHEST_BACK));
        start();
    }

    @Override
    public synchronized boolean isDrained() {
        return admin.isRead(group());
    }

    @Override
    public synchronized long setAside() {
        return deadLetters + (loop == null ? 0 : loop.counts().deadLetters());
    }

    @Override
    public synchronized void close() {
        stop();
        admin.close();
    }
}
