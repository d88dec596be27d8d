package io.outbox.torture.history;

import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * What happened to the numbered messages of each key: committed in the business table, arrived at the broker, taken effect
 * at the consumer. {@link #check} compares the three and knows nothing of the library. Confined to one thread.
 *
 * <p>Feed it what was committed in any order, the other two in the order in which they happened; each key's numbers were
 * committed in ascending order.
 */
public final class History {
    private final Predicate<String> isOrdered;
    private final Map<String, Track> tracks = new TreeMap<>();
    private final Findings findings = new Findings();
    private long arrivals;
    private long repeatedArrivals;

    /**
     * Starts an empty history.
     *
     * @param isOrdered which keys promise an order
     */
    public History(Predicate<String> isOrdered) {
        this.isOrdered = isOrdered;
    }

    /** The business table has this row: its message must arrive and take effect. */
    public void committed(String key, int number) {
        track(key).committed.set(number);
    }

    /** The broker has this message. */
    public void arrived(String key, int number, String place) {
        arrivals++;
        if (!track(key).arrived.add(number)) {
            repeatedArrivals++;
        } else if (track(key).arrived.isLate(number) && isOrdered.test(key)) {
            findings.disordered(key + " " + number + " arrived for the first time at " + place + ", after "
                    + track(key).arrived.highest);
        }
    }

    /** Returns whether the broker is known to have this message. */
    public boolean hasArrived(String key, int number) {
        return track(key).arrived.seen.get(number);
    }

    /** The consumer's database has an effect of this message. */
    public void tookEffect(String key, int number, String place) {
        if (!track(key).effects.add(number)) {
            findings.twice(key + " " + number + " took effect once more at " + place);
        } else if (track(key).effects.isLate(number) && isOrdered.test(key)) {
            findings.disordered(
                    key + " " + number + " took effect at " + place + ", after " + track(key).effects.highest);
        }
    }

    /** Compares; to be called once, when all has been told. */
    public Verdict check() {
        long messages = 0;
        for (Map.Entry<String, Track> entry : tracks.entrySet()) {
            String key = entry.getKey();
            Track track = entry.getValue();
            messages += track.committed.cardinality();
            Track.difference(track.committed, track.arrived.seen, n -> findings.lost(key + " " + n + " never arrived"));
            Track.difference(
                    track.committed, track.effects.seen, n -> findings.lost(key + " " + n + " never took effect"));
            Track.difference(
                    track.arrived.seen,
                    track.committed,
                    n -> findings.invented(key + " " + n + " arrived and was never committed"));
            Track.difference(
                    track.effects.seen,
                    track.committed,
                    n -> findings.invented(key + " " + n + " took effect and was never committed"));
        }
        return findings.verdict(messages, arrivals, repeatedArrivals);
    }

    private Track track(String key) {
        return tracks.computeIfAbsent(key, unused -> new Track());
    }

    /** One key. */
    private static final class Track {
        private final BitSet committed = new BitSet();
        private final Firsts arrived = new Firsts();
        private final Firsts effects = new Firsts();

        /** Calls for each number in the one and not in the other. */
        static void difference(BitSet one, BitSet other, IntConsumer found) {
            BitSet rest = (BitSet) one.clone();
            rest.andNot(other);
            rest.stream().forEach(found);
        }
    }

    /** The numbers seen, and the highest so far. */
    private static final class Firsts {
        private final BitSet seen = new BitSet();
        private int highest = -1;

        /** Returns false for a number seen before. */
        boolean add(int number) {
            if (seen.get(number)) {
                return false;
            }
            seen.set(number);
            highest = Math.max(highest, number);
            return true;
        }

        /** A number just seen for the first time, after a higher one. */
        boolean isLate(int number) {
            return number < highest;
        }
    }
}
