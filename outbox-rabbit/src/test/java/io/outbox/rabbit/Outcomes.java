package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.awaitility.Awaitility;

/** Publishes and collects outcomes, in the order of the calls. Thread-safe. */
final class Outcomes {
    private final Publisher publisher;
    /** One list for each call, to see whether it got one outcome; guarded by itself. */
    private final List<List<PublishOutcome>> told = new ArrayList<>();

    Outcomes(Publisher publisher) {
        this.publisher = publisher;
    }

    void publish(StoredMessage message) {
        List<PublishOutcome> mine = new ArrayList<>();
        synchronized (told) {
            told.add(mine);
        }
        publisher.publish(message, outcome -> {
            synchronized (told) {
                mine.add(outcome);
            }
        });
    }

    void publish(String destination, String key, String id) {
        publish(Samples.message(destination, key, id));
    }

    /** The outcome of a message published now. */
    PublishOutcome of(StoredMessage message) {
        int index;
        synchronized (told) {
            index = told.size();
            publish(message);
        }
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !isMissing(index));
        synchronized (told) {
            return told.get(index).get(0);
        }
    }

    PublishOutcome of(String destination) {
        return of(Samples.message(destination, "k", Broker.name("id")));
    }

    private boolean isMissing(int index) {
        synchronized (told) {
            return told.get(index).isEmpty();
        }
    }

    int missing() {
        synchronized (told) {
            return (int) told.stream().filter(List::isEmpty).count();
        }
    }

    /** All outcomes, when each call has one, and none has more. */
    List<PublishOutcome> await() {
        Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> missing() == 0);
        synchronized (told) {
            assertThat(told).allMatch(outcomes -> outcomes.size() == 1);
            return told.stream().map(outcomes -> outcomes.get(0)).toList();
        }
    }
}
