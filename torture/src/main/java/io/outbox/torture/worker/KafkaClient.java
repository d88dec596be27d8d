package io.outbox.torture.worker;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.MessageHandler;
import io.outbox.kafka.KafkaConsumerLoop;
import io.outbox.kafka.KafkaPublisher;
import io.outbox.spi.Publisher;
import java.sql.Connection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Kafka: one topic with several partitions. */
final class KafkaClient implements BrokerClient {
    private final String address;

    KafkaClient(String address) {
        this.address = address;
    }

    @Override
    public String destination() {
        return Names.DESTINATION;
    }

    @Override
    public String refusingDestination() {
        return Names.DESTINATION;
    }

    @Override
    public int refusedBytes() {
        return Names.MOST_BYTES;
    }

    /** With the default times, or with such short ones that the producer gives up during most outages. */
    @Override
    public Publisher publisher(Random random) {
        Map<String, String> settings = new HashMap<>(Map.of("bootstrap.servers", address));
        if (random.nextBoolean()) {
            settings.put("request.timeout.ms", "1500");
            settings.put("delivery.timeout.ms", "3000");
        }
        return KafkaPublisher.builder(settings).build();
    }

    @Override
    public Loop loop(
            IdempotentConsumer<Connection> consumer, MessageHandler<Connection, Exception> handler, Random random) {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", address, "session.timeout.ms", 4_000, "heartbeat.interval.ms", 1_000);
        KafkaConsumerLoop.Builder<Connection> builder = KafkaConsumerLoop.builder(
                        settings, List.of(Names.DESTINATION), consumer, handler)
                .retryDelays(FIRST_DELAY, LONGEST_DELAY);
        if (random.nextBoolean()) {
            builder.batch(20);
        }
        if (random.nextBoolean()) {
            builder.handlersByKey(3);
        }
        KafkaConsumerLoop loop = builder.build();
        loop.start();
        return new Loop() {
            @Override
            public boolean isRunning() {
                return loop.isRunning();
            }

            @Override
            public void close() {
                loop.close();
            }
        };
    }
}
