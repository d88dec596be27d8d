package io.outbox.spi;

import static java.util.Objects.requireNonNull;

/** What became of an attempt to publish. The kind decides what the relay does; no text is ever looked at. */
public sealed interface PublishOutcome {
    /** The broker has acknowledged the message: it is durable there. */
    record Published() implements PublishOutcome {
        private static final Published INSTANCE = new Published();
    }

    /**
     * Nobody's fault: connection lost, time-out, no leader, flow control. No attempt is counted. The publisher must have
     * stopped: nothing that was handed to it after this message, of the same key, may reach the broker any more.
     *
     * @param scope what is unavailable
     * @param cause why
     */
    record Unavailable(Scope scope, Throwable cause) implements PublishOutcome {
        /** Checks that nothing is missing. */
        public Unavailable {
            requireNonNull(scope, "scope");
            requireNonNull(cause, "cause");
        }
    }

    /**
     * Refused, but a later attempt may pass: an unknown topic, a full queue. The attempt counts, and later messages of
     * the key wait behind.
     *
     * @param cause why
     */
    record RejectedForNow(Throwable cause) implements PublishOutcome {
        /** Checks that nothing is missing. */
        public RejectedForNow {
            requireNonNull(cause, "cause");
        }
    }

    /**
     * Refused for good: too large, not serialisable, not authorised. The message becomes a dead letter at once.
     *
     * @param cause why
     */
    record RejectedForGood(Throwable cause) implements PublishOutcome {
        /** Checks that nothing is missing. */
        public RejectedForGood {
            requireNonNull(cause, "cause");
        }
    }

    /** How far an unavailability reaches. */
    enum Scope {
        /** The whole channel: its circuit opens and its messages stay in the hot table. */
        CHANNEL,
        /** One destination: its messages are parked without counting an attempt, so that others go on. */
        DESTINATION
    }

    /**
     * The broker has the message.
     *
     * @return the one instance
     */
    static PublishOutcome published() {
        return Published.INSTANCE;
    }

    /**
     * The channel is unavailable.
     *
     * @param cause why
     * @return the outcome
     */
    static PublishOutcome channelUnavailable(Throwable cause) {
        return new Unavailable(Scope.CHANNEL, cause);
    }

    /**
     * One destination is unavailable.
     *
     * @param cause why
     * @return the outcome
     */
    static PublishOutcome destinationUnavailable(Throwable cause) {
        return new Unavailable(Scope.DESTINATION, cause);
    }

    /**
     * Refused, may pass later.
     *
     * @param cause why
     * @return the outcome
     */
    static PublishOutcome rejectedForNow(Throwable cause) {
        return new RejectedForNow(cause);
    }

    /**
     * Refused for good.
     *
     * @param cause why
     * @return the outcome
     */
    static PublishOutcome rejectedForGood(Throwable cause) {
        return new RejectedForGood(cause);
    }
}
