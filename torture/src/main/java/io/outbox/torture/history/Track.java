package io.outbox.torture.history;

import java.time.Instant;
import java.util.BitSet;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What is known of the messages of one key. Confined to one thread. */
final class Track {
    final Firsts arrived = new Firsts();
    final Firsts effects = new Firsts();
    final BitSet committed = new BitSet();
    final BitSet deadLetters = new BitSet();
    final BitSet sentAgain = new BitSet();
    final BitSet setAside = new BitSet();
    private final Map<Kind, BitSet> kinds = new EnumMap<>(Kind.class);
    private final Map<Integer, Instant> due = new HashMap<>();

    void commit(int number, Kind kind) {
        committed.set(number);
        of(kind).set(number);
    }

    void schedule(int number, Instant time) {
        commit(number, Kind.SCHEDULED);
        due.put(number, time);
    }

    /** Returns those of a kind. */
    BitSet of(Kind kind) {
        return kinds.computeIfAbsent(kind, unused -> new BitSet());
    }

    /** Returns whether a message has a place among the others; one that nobody knows has. */
    boolean isOrdered(int number) {
        for (Kind kind : Kind.values()) {
            if (of(kind).get(number)) {
                return kind.isOrdered();
            }
        }
        return true;
    }

    boolean isEarly(int number, Instant at) {
        @Nullable Instant time = due.get(number);
        return time != null && at.isBefore(time);
    }

    /** Returns what must take effect. */
    BitSet effective() {
        BitSet all = (BitSet) sentAgain.clone();
        for (Kind kind : Kind.values()) {
            if (kind.takesEffect()) {
                all.or(of(kind));
            }
        }
        return all;
    }

    /** Returns what must arrive. */
    BitSet arriving() {
        BitSet all = effective();
        all.or(of(Kind.UNHANDLED));
        return all;
    }

    /** The numbers seen, and the highest so far of those that have an order. */
    static final class Firsts {
        final BitSet seen = new BitSet();
        private int highest = -1;

        /** Returns false for a number seen before. */
        boolean add(int number) {
            boolean isFirst = !seen.get(number);
            seen.set(number);
            return isFirst;
        }

        /** Takes a place in the order; returns the higher number that has one already, or -1. */
        int place(int number) {
            if (number < highest) {
                return highest;
            }
            highest = number;
            return -1;
        }
    }
}
