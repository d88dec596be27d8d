package io.outbox.testkit;

import io.outbox.consumer.ReceivedMessage;
import io.outbox.spi.Publisher;
import java.util.List;

/** A publisher under test and its broker. Used by one test, then closed; closing closes the publisher too. */
public interface PublisherFixture extends AutoCloseable {
    /**
     * Returns the publisher, the same for every call. Its time-outs should be a few seconds, so that outcomes come soon.
     *
     * @return the publisher
     */
    Publisher publisher();

    /**
     * Creates a destination.
     *
     * @return its name
     */
    String newDestination();

    /**
     * Returns a destination that does not exist.
     *
     * @return its name
     */
    String unknownDestination();

    /**
     * Waits until so many messages have arrived.
     *
     * @param destination the destination
     * @param atLeast how many
     * @return what has arrived, in the order of arrival within each key
     */
    List<ReceivedMessage> received(String destination, int atLeast);

    /**
     * Returns a size of payload that the broker refuses.
     *
     * @return bytes
     */
    int tooLarge();

    /** Makes the broker unavailable: stopped, killed or paused. */
    void stopBroker();

    /** Makes the broker available again, with the messages it had, and waits until it answers. */
    void startBroker();

    @Override
    void close();
}
