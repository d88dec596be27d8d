package io.outbox.consumer;

/** What came of a message that was given to an {@link IdempotentConsumer}. */
public enum Handling {
    /** The handler ran and its transaction committed. */
    HANDLED,
    /** The group had handled this message before; the handler was not called. */
    DUPLICATE
}
