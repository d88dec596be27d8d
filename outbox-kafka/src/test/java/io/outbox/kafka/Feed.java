package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.spi.PublishOutcome;
import java.time.Duration;
import java.util.List;

/** Publishes messages with a real publisher and waits until the broker has them. */
final class Feed implements AutoCloseable {
    private final KafkaPublisher publisher;
    private final String topic;

    Feed(String bootstrapServers, String topic) {
        publisher = KafkaPublisher.builder(bootstrapServers).build();
        this.topic = topic;
    }

    void publish(int from, int to, int keys) {
        Outcomes outcomes = new Outcomes();
        for (int i = from; i < to; i++) {
            publisher.publish(Samples.message(topic, "k" + i % keys, "" + i), outcomes.of("" + i));
        }
        await(outcomes, to - from);
    }

    void publish(String... ids) {
        Outcomes outcomes = new Outcomes();
        for (String id : List.of(ids)) {
            publisher.publish(Samples.message(topic, "k", id), outcomes.of(id));
        }
        await(outcomes, ids.length);
    }

    private static void await(Outcomes outcomes, int count) {
        outcomes.await(count, Duration.ofSeconds(30));
        assertThat(outcomes.all()).allMatch(told -> told.outcome() instanceof PublishOutcome.Published);
    }

    @Override
    public void close() {
        publisher.close();
    }
}
