package io.outbox.spi;

/**
 * Carries messages to a broker.
 *
 * <p>One relay calls it for one channel, from one thread at a time. Two rules keep the order of a key when something fails:
 *
 * <ul>
 *   <li>From the moment at which a publisher gives up on a message (any outcome but {@code Published} and
 *       {@code RejectedForGood}) until {@link Confirmation#complete} has returned for it, no later message of the same key
 *       and destination may reach the broker: those handed over meanwhile end with the same outcome. When {@code complete}
 *       has returned, the relay knows, and hands over no more of them.
 *   <li>The relay calls {@link #publish} while it holds a lock that {@code complete} takes. So {@code complete} must not be
 *       called while holding a lock that {@code publish} waits for.
 * </ul>
 *
 * <p>It must pass the contract suite of the test kit.
 */
public interface Publisher extends AutoCloseable {
    /**
     * Starts to publish a message and returns without waiting for the broker: also while the broker is away, or the
     * destination is unknown. Messages of one key and destination reach the broker in the order of the calls.
     *
     * <p>Every call ends in exactly one outcome, within a time that the publisher's own settings bound; also when the
     * publisher is closed meanwhile. The outcome may come on any thread, also before this method returns.
     *
     * @param message what to publish, with its payload
     * @param confirmation gets the outcome
     */
    void publish(StoredMessage message, Confirmation confirmation);

    /**
     * Tells whether several messages of a key may be on their way at once, because a later one never reaches the broker
     * before an earlier one, also across this publisher's own retries. Where false, the relay hands on the next message
     * of a key when the one before has been acknowledged.
     *
     * @return true when order is kept
     */
    boolean keepsOrder();

    /**
     * Closes the connection. Whatever is outstanding ends as unavailable. Repeating it does nothing. Bounded in time.
     */
    @Override
    void close();

    /** Takes the outcome of one message. */
    @FunctionalInterface
    interface Confirmation {
        /**
         * Takes the outcome. Returns at once; only the first call for a message counts.
         *
         * @param outcome what became of the message
         */
        void complete(PublishOutcome outcome);
    }
}
