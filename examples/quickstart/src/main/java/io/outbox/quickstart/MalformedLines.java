package io.outbox.quickstart;

import java.util.Map;
import java.util.TreeMap;

/** Lines that were no orders: how many, and the first of them with the reason. Thread-safe. */
final class MalformedLines {
    private static final int KEPT = 1000;

    /** Both fields are guarded by this. */
    private final TreeMap<Long, String> first = new TreeMap<>();

    private long count;

    synchronized void add(long line, String reason) {
        count++;
        first.put(line, reason);
        if (first.size() > KEPT) {
            first.pollLastEntry();
        }
    }

    synchronized long count() {
        return count;
    }

    /** The first ones, by line number. */
    synchronized Map<Long, String> first() {
        return new TreeMap<>(first);
    }
}
