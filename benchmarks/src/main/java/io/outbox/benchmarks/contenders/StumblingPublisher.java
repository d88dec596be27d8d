package io.outbox.benchmarks.contenders;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.util.concurrent.ThreadLocalRandom;

/** Refuses some attempts for now, so that messages are parked, others wait behind them, and all are tried again. */
final class StumblingPublisher implements Publisher {
    private static final int ONE_IN = 1_000;

    private final Publisher publisher;

    StumblingPublisher(Publisher publisher) {
        this.publisher = publisher;
    }

    @Override
    public void publish(StoredMessage message, Confirmation confirmation) {
        if (ThreadLocalRandom.current().nextInt(ONE_IN) == 0) {
            confirmation.complete(PublishOutcome.rejectedForNow(new IllegalStateException("refused, as planned")));
        } else {
            publisher.publish(message, confirmation);
        }
    }

    @Override
    public boolean keepsOrder() {
        return publisher.keepsOrder();
    }

    @Override
    public void close() {
        publisher.close();
    }
}
