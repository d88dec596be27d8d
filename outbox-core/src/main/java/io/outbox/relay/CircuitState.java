package io.outbox.relay;

/** Whether a channel's broker is available. */
public enum CircuitState {
    /** Messages flow. */
    CLOSED,
    /** The broker is unavailable: messages stay where they are, no attempt is counted. */
    OPEN,
    /** The broker is being tried with a few messages. */
    HALF_OPEN
}
