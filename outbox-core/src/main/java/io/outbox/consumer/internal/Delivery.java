package io.outbox.consumer.internal;

import io.outbox.consumer.ReceivedMessage;
import org.jspecify.annotations.Nullable;

/** One message as a broker delivered it to a loop. Called by one thread at a time. */
public interface Delivery {
    /**
     * Tells what orders it.
     *
     * @return equal for deliveries that are handled one after the other; null for none
     */
    @Nullable
    Object order();

    /**
     * Reads the message.
     *
     * @return the message
     * @throws io.outbox.InvalidMessageException when it is none
     */
    ReceivedMessage decode();

    /**
     * Tells how often it was tried before, as far as it says so itself.
     *
     * @return failed attempts, 0 or more
     */
    int attemptsBefore();

    /**
     * Tells where it came from.
     *
     * @return the same object for all deliveries of a subscription
     */
    Source source();

    /** Says that its effects are committed, or that it was set aside: it may be acknowledged. */
    void done();

    /**
     * Copies it to where dead letters are kept and waits until the broker has it.
     *
     * @param reason why
     * @param attempts how often it was tried
     * @return where it is now
     * @throws SetAsideException when the broker did not take it; it may be there nevertheless
     */
    String setAside(Throwable reason, int attempts) throws SetAsideException;

    /**
     * Copies it to where it waits for its next attempt, if there is such a place and it is time for it.
     *
     * @param reason why
     * @param attempts how often it was tried
     * @return false when it is to wait in the loop
     * @throws SetAsideException when the broker did not take it; it may be there nevertheless
     */
    boolean postpone(Throwable reason, int attempts) throws SetAsideException;

    /**
     * Names it.
     *
     * @return text for logs
     */
    String place();

    /** A subscription. */
    interface Source {
        /**
         * Tells whether it is over: what it delivered and was not acknowledged will be delivered again, to whomever. Any thread may
         * ask.
         *
         * @return true for good once it is
         */
        boolean isOver();

        /** Sends what {@link Delivery#done()} has gathered. Called when there is nothing better to do. */
        void flush();
    }

    /** A delivery could not be copied. */
    final class SetAsideException extends Exception {
        private static final long serialVersionUID = 1L;

        /**
         * Makes an exception.
         *
         * @param message where it could not be copied to
         * @param cause why
         */
        public SetAsideException(String message, @Nullable Throwable cause) {
            super(message, cause);
        }
    }
}
