package io.outbox.relay;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;

/**
 * The way to the publisher, for the reader and for retries: one call at a time, under the window's lock, and an exception
 * of the publisher is taken as its outcome.
 */
final class Outlet {
    private final Publisher publisher;
    private final Object lock;

    Outlet(Publisher publisher, Object windowLock) {
        this.publisher = publisher;
        lock = windowLock;
    }

    boolean keepsOrder() {
        return publisher.keepsOrder();
    }

    void publish(StoredMessage message, Publisher.Confirmation confirmation) {
        synchronized (lock) {
            try {
                publisher.publish(message, confirmation);
            } catch (RuntimeException e) {
                confirmation.complete(PublishOutcome.rejectedForNow(e));
            }
        }
    }
}
