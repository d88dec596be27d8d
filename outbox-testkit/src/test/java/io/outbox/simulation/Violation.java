package io.outbox.simulation;

/** A broken promise. */
record Violation(Promise promise, String text) {
    /** What is promised, as in docs/guarantees.md. */
    enum Promise {
        /** A message exists if and only if its transaction committed. */
        ATOMIC,
        /** A committed message reaches the broker, or is a dead letter because the broker refused it for good. */
        AT_LEAST_ONCE,
        /** It takes effect once in each consumer group. */
        EFFECT_ONCE,
        /** The first deliveries of a key are in commit order. */
        ORDER,
        /** A destination that is away, poison, or a key that waits for them stops nobody else. */
        ISOLATION,
        /** A message that was committed after a later one had arrived arrives too, and soon. */
        LATE_COMMIT,
        /** No more messages in flight than configured. */
        BOUNDED,
        /** A scheduled message does not arrive before its time. */
        ON_TIME,
        /** The run did enough to prove something. */
        MEANINGFUL
    }

    @Override
    public String toString() {
        return promise + ": " + text;
    }
}
