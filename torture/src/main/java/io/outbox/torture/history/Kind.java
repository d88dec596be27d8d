package io.outbox.torture.history;

/** What is to become of a message that was committed. */
public enum Kind {
    /** It arrives and takes effect, after those before it of its key. */
    PLAIN,
    /** It arrives and takes effect when it is due, and not before; it has no order. */
    SCHEDULED,
    /** The broker refuses it for good: a dead letter of the outbox, which neither arrives nor takes effect. */
    REFUSED,
    /** It arrives in order; its handler always fails: a dead letter of the consumers, without effect. */
    UNHANDLED;

    /** Returns whether it has a place among the others of its key. A dead letter that is sent again comes late. */
    boolean isOrdered() {
        return this == PLAIN || this == UNHANDLED;
    }

    /** Returns whether it takes effect without anyone's help. */
    public boolean takesEffect() {
        return this == PLAIN || this == SCHEDULED;
    }
}
