package io.outbox.quickstart;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.spi.Publisher;
import java.sql.Connection;

/** What carries messages from the relay to the consumer. */
interface Transport extends AutoCloseable {
    /** The topic of this run. */
    String topic();

    /** A new publisher; closed with the transport. */
    Publisher publisher();

    /** Starts the consumer. */
    void consume(IdempotentConsumer<Connection> consumer, TypedHandlers<Connection> handlers);

    /** Messages that were set aside, and repeated ones yet to come, as far as is known. */
    long setAside();

    @Override
    void close();
}
