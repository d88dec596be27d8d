package io.outbox.quickstart;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.spi.Publisher;
import io.outbox.testkit.InProcessBroker;
import io.outbox.testkit.InProcessConsumer;
import io.outbox.testkit.InProcessPublisher;
import java.sql.Connection;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The broker of the test kit, in this process. */
final class InProcessTransport implements Transport {
    private static final double REPEATED = 0.05;
    private static final int MAX_ATTEMPTS = 20;
    private static final long CONFIRMED_AFTER_MILLIS = 1;

    private final InProcessBroker broker =
            InProcessBroker.builder().retention(0).build();
    private final boolean chaos;
    private @Nullable InProcessConsumer loop;

    InProcessTransport(boolean chaos) {
        this.chaos = chaos;
    }

    @Override
    public String topic() {
        return "orders";
    }

    @Override
    public Publisher publisher() {
        InProcessPublisher.Builder builder = InProcessPublisher.builder(broker);
        if (chaos) {
            // so that a relay can end between the arrival of a message and its acknowledgement
            builder.confirmOn(CompletableFuture.delayedExecutor(CONFIRMED_AFTER_MILLIS, TimeUnit.MILLISECONDS));
        }
        return builder.build();
    }

    @Override
    public void consume(IdempotentConsumer<Connection> consumer, TypedHandlers<Connection> handlers) {
        InProcessConsumer.Builder builder = InProcessConsumer.builder(
                        broker, consumer.group(), message -> consumer.handle(message, handlers))
                .topic(topic())
                .maxAttempts(MAX_ATTEMPTS);
        if (chaos) {
            builder.repeat(REPEATED, new Random());
        }
        loop = builder.build();
        loop.start();
    }

    /** Nothing to do: the consumer repeats one delivery in twenty by itself. */
    @Override
    public void redeliver() {}

    @Override
    public boolean isDrained() {
        return broker.waiting(topic(), Billing.GROUP) == 0;
    }

    @Override
    public long setAside() {
        return loop == null ? 0 : loop.deadLetters().size();
    }

    @Override
    public void close() {
        broker.close();
    }
}
