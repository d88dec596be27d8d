package io.outbox.torture.worker;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.MessageHandler;
import io.outbox.spi.Publisher;
import java.sql.Connection;
import java.time.Duration;
import java.util.Random;

/** The library's two ends at a broker, set up in ways that vary with the random numbers. */
interface BrokerClient {
    /** Waits between attempts to handle a message: short, because many messages use all their attempts up. */
    Duration FIRST_DELAY = Duration.ofMillis(10);

    Duration LONGEST_DELAY = Duration.ofMillis(100);

    /** Returns where writers send to. */
    String destination();

    /** Returns where writers send messages that the broker refuses for good, until it is healed. */
    String refusingDestination();

    /** Returns the least size of payload that is refused there. */
    int refusedBytes();

    Publisher publisher(Random random);

    Loop loop(IdempotentConsumer<Connection> consumer, MessageHandler<Connection, Exception> handler, Random random);

    /** A consumer loop of either broker. */
    interface Loop extends AutoCloseable {
        boolean isRunning();

        @Override
        void close();
    }
}
