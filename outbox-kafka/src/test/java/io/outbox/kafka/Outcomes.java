package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** Collects outcomes in the order told. */
final class Outcomes {
    record Told(String id, PublishOutcome outcome, Thread thread) {}

    private final List<Told> told = new ArrayList<>();

    Publisher.Confirmation of(String id) {
        return outcome -> {
            synchronized (told) {
                told.add(new Told(id, outcome, Thread.currentThread()));
            }
        };
    }

    List<Told> all() {
        synchronized (told) {
            return List.copyOf(told);
        }
    }

    List<Told> await(int count, Duration limit) {
        Awaitility.await(count + " outcomes")
                .atMost(limit)
                .pollInterval(Duration.ofMillis(5))
                .untilAsserted(() -> assertThat(ids()).hasSizeGreaterThanOrEqualTo(count));
        return all();
    }

    List<String> ids() {
        return all().stream().map(Told::id).toList();
    }
}
