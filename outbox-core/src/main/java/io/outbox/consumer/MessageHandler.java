package io.outbox.consumer;

/**
 * Handles a message in the consumer's transaction.
 *
 * @param <T> the handle of the transaction, for JDBC a {@code java.sql.Connection}
 * @param <X> what it may throw
 */
@FunctionalInterface
public interface MessageHandler<T, X extends Exception> {
    /**
     * Handles a message. Its effects through the transaction happen once per message id and consumer group; effects
     * elsewhere may be repeated after a crash.
     *
     * @param transaction the open transaction; must not be committed, rolled back or closed here
     * @param message the message
     * @throws X any failure: the transaction is rolled back and the message is not recorded as handled
     */
    void handle(T transaction, ReceivedMessage message) throws X;
}
