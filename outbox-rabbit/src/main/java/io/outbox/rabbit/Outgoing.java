package io.outbox.rabbit;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.util.concurrent.atomic.AtomicBoolean;

/** A message that was handed to the publisher, until its one outcome. Thread-safe. */
final class Outgoing {
    final StoredMessage message;
    final String exchange;
    final String routingKey;
    final long sinceNanos;
    private final Publisher.Confirmation confirmation;
    private final AtomicBoolean done = new AtomicBoolean();
    /** The broker has sent it back; it is acknowledged all the same. */
    volatile boolean returned;

    Outgoing(StoredMessage message, Publisher.Confirmation confirmation, long sinceNanos) {
        this.message = message;
        this.confirmation = confirmation;
        this.sinceNanos = sinceNanos;
        String destination = message.message().destination();
        int slash = destination.indexOf('/');
        exchange = slash < 0 ? "" : destination.substring(0, slash);
        routingKey = destination.substring(slash + 1);
    }

    void complete(PublishOutcome outcome) {
        if (done.compareAndSet(false, true)) {
            confirmation.complete(outcome);
        }
    }

    boolean isDone() {
        return done.get();
    }
}
