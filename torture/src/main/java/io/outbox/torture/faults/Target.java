package io.outbox.torture.faults;

/** What can be attacked. */
public enum Target {
    RELAY,
    WRITER,
    CONSUMER,
    DATABASE,
    BROKER,
    DATABASE_LINK,
    BROKER_LINK;

    /** Returns whether there are several of them, each a process of ours. */
    public boolean isWorker() {
        return this == RELAY || this == WRITER || this == CONSUMER;
    }
}
