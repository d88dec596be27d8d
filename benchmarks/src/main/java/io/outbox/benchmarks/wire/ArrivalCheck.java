package io.outbox.benchmarks.wire;

import java.util.Arrays;
import java.util.BitSet;

/**
 * Checks what arrives: how many distinct messages, duplicates, and first deliveries that came after a later message of
 * their key. One thread adds; others may ask for the count and, when all is over, for the rest.
 */
public final class ArrivalCheck {
    private static final int PARTS = 100;

    private final long expected;
    private final BitSet seen;
    private final int[] latestOfKey;
    private final long[] marks = new long[PARTS + 1];
    private final long[] arrivals;
    private long duplicates;
    private long orderViolations;
    private int nextMark = 1;
    private volatile long distinct;

    /**
     * Starts a check.
     *
     * @param expected how many messages are to come; more may
     * @param keys how many keys there are
     * @param keepTimes whether to keep the time of each arrival
     */
    public ArrivalCheck(long expected, int keys, boolean keepTimes) {
        this.expected = expected;
        seen = new BitSet(Math.toIntExact(expected));
        latestOfKey = new int[keys];
        Arrays.fill(latestOfKey, -1);
        arrivals = new long[keepTimes ? Math.toIntExact(expected) : 0];
    }

    /** Takes a message that has arrived. */
    public void add(byte[] payload, long nowNanos) {
        BenchMessage message = BenchMessage.read(payload);
        int number = Math.toIntExact(message.number());
        if (seen.get(number)) {
            duplicates++;
            return;
        }
        seen.set(number);
        if (number < arrivals.length) {
            arrivals[number] = nowNanos;
        }
        if (message.sequence() < latestOfKey[message.key()]) {
            orderViolations++;
        } else {
            latestOfKey[message.key()] = message.sequence();
        }
        long count = distinct + 1;
        if (count == 1) {
            marks[0] = nowNanos;
        }
        while (nextMark <= PARTS && count * PARTS >= nextMark * expected) {
            marks[nextMark++] = nowNanos;
        }
        publish(count);
    }

    private void publish(long count) {
        distinct = count;
    }

    /** Returns how many distinct messages have arrived. */
    public long distinct() {
        return distinct;
    }

    /** Returns when the message of that number arrived first; 0 when it has not. */
    public long arrivedAt(int number) {
        return arrivals[number];
    }

    /**
     * Returns what was found; to be asked by the thread that adds, or when it has ended.
     *
     * @param sent how many messages were sent
     */
    public Arrivals result(long sent) {
        return new Arrivals(sent, distinct, duplicates, orderViolations, marks.clone());
    }
}
