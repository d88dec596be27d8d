package io.outbox.consumer;

import static java.util.Objects.requireNonNull;

import org.jspecify.annotations.Nullable;

/**
 * What came of one message of a batch; see {@link IdempotentConsumer#handleAll}.
 *
 * @param message the message
 * @param kind what came of it
 * @param failure why it failed; null when it did not
 */
public record Outcome(
        ReceivedMessage message, Kind kind, @Nullable Throwable failure) {
    /** What came of a message. */
    public enum Kind {
        /** The handler ran and its transaction committed. */
        HANDLED,
        /** The group had handled it before; the handler was not called. */
        DUPLICATE,
        /** The handler failed, and may pass another time. */
        FAILED,
        /** The handler failed through something that is away: {@link RetryLaterException}. No attempt is to be counted. */
        POSTPONED,
        /** It fails whenever it is tried: {@link RejectedMessageException}, {@link io.outbox.InvalidMessageException}. */
        REJECTED,
        /** The database failed, not the message. No attempt is to be counted, and other messages would fare no better. */
        STORE_FAILED,
        /** It was not tried, because one before it in its order failed. */
        BEHIND
    }

    /** Checks that nothing is missing. */
    public Outcome {
        requireNonNull(message, "message");
        requireNonNull(kind, "kind");
    }

    /**
     * Tells whether the message's effects are committed, now or before: it may be acknowledged.
     *
     * @return true for {@link Kind#HANDLED} and {@link Kind#DUPLICATE}
     */
    public boolean isDone() {
        return kind == Kind.HANDLED || kind == Kind.DUPLICATE;
    }
}
