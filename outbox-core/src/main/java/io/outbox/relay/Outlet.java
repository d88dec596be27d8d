package io.outbox.relay;

import io.outbox.InvalidMessageException;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.util.function.BooleanSupplier;

/**
 * The way to the publisher, for the reader and for retries: one call at a time, under the window's lock, and an exception
 * of the publisher is taken as its outcome. A message with a defect is rejected here: no publisher sees it.
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

    /** Runs a short action under the lock, so that it comes before or after any call of the publisher. */
    void exclusively(Runnable action) {
        synchronized (lock) {
            action.run();
        }
    }

    void publish(StoredMessage message, Publisher.Confirmation confirmation) {
        publishIf(() -> true, message, confirmation);
    }

    /** Publishes unless the condition, asked under the lock, is false; tells whether it did. */
    boolean publishIf(BooleanSupplier condition, StoredMessage message, Publisher.Confirmation confirmation) {
        synchronized (lock) {
            if (!condition.getAsBoolean()) {
                return false;
            }
            String defect = message.defect();
            if (defect != null) {
                confirmation.complete(PublishOutcome.rejectedForGood(new InvalidMessageException(defect)));
                return true;
            }
            try {
                publisher.publish(message, confirmation);
            } catch (RuntimeException e) {
                confirmation.complete(PublishOutcome.rejectedForNow(e));
            }
            return true;
        }
    }
}
