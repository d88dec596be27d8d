package io.outbox.torture.faults;

import java.util.List;
import java.util.Locale;

/** What can be attacked. */
public enum Target {
    RELAY(3),
    WRITER(2),
    CONSUMER(2),
    DATABASE(1),
    BROKER(1),
    DATABASE_LINK(1),
    BROKER_LINK(1);

    private final int count;

    Target(int count) {
        this.count = count;
    }

    /** Returns how many there are of it in a run. */
    public int count() {
        return count;
    }

    /** Returns those that are processes of ours. */
    public static List<Target> workers() {
        return List.of(RELAY, WRITER, CONSUMER);
    }

    /** Returns whether it is a process of ours. */
    public boolean isWorker() {
        return workers().contains(this);
    }

    /** Names one of several, such as "relay-0". */
    public String place(int index) {
        return name().toLowerCase(Locale.ROOT) + "-" + index;
    }

    /** Returns whether it is a way to a server. */
    boolean isLink() {
        return this == DATABASE_LINK || this == BROKER_LINK;
    }
}
