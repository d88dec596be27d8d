package io.outbox.quickstart;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.spi.Publisher;
import java.sql.Connection;

/** What carries messages from the relay to the consumer. */
interface Transport extends AutoCloseable {
    /** The topic of this run. */
    String topic();

    /** A new publisher, which the caller closes. */
    Publisher publisher();

    /** Starts the consumer. */
    void consume(IdempotentConsumer<Connection> consumer, TypedHandlers<Connection> handlers);

    /** Makes trouble: delivers again what was delivered before. */
    void redeliver();

    /** Whether the consumer has come to the end of the topic. */
    boolean isDrained();

    /** How many messages the consumer could not handle and set aside. */
    long setAside();

    @Override
    void close();
}
