package io.outbox.quickstart;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;

/** Counts what the broker acknowledges to the real publisher. */
record CountingPublisher(Publisher publisher, Counts counts) implements Publisher {
    @Override
    public void publish(StoredMessage message, Confirmation confirmation) {
        publisher.publish(message, outcome -> {
            if (outcome instanceof PublishOutcome.Published) {
                counts.published.incrementAndGet();
            }
            confirmation.complete(outcome);
        });
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
