package io.outbox.spi;

/** Why a message is off the hot path. */
public enum ParkedState {
    /** Published not before its time; takes no part in its key's order. */
    SCHEDULED,
    /** Failed and will be tried again; later messages of its key wait behind it. */
    RETRY,
    /** Waits behind an earlier message of its key; not tried yet. */
    BEHIND,
    /** Given up; its key goes on. */
    DEAD,
    /** Given up; its key stays blocked until someone decides. */
    DEAD_BLOCKING
}
