package io.outbox.quickstart;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.spi.Publisher;
import io.outbox.testkit.InProcessBroker;
import io.outbox.testkit.InProcessConsumer;
import java.sql.Connection;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** The broker of the test kit, in this process; with chaos it redelivers one message in twenty. */
final class InProcessTransport implements Transport {
    private static final double REPEATED = 0.05;

    private final InProcessBroker broker = InProcessBroker.create();
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
        return broker.publisher();
    }

    @Override
    public void consume(IdempotentConsumer<Connection> consumer, TypedHandlers<Connection> handlers) {
        InProcessConsumer.Builder builder = InProcessConsumer.builder(
                        broker, consumer.group(), message -> consumer.handle(message, handlers))
                .topic(topic())
                .maxAttempts(20);
        if (chaos) {
            builder.repeat(REPEATED, new Random());
        }
        loop = builder.build();
        loop.start();
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
