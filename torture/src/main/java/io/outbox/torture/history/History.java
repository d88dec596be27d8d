package io.outbox.torture.history;

import java.time.Instant;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * What happened to the numbered messages of each key: committed in the business table, arrived at the broker, taken effect
 * at the consumer, or set aside as dead letters. {@link #check} compares and knows nothing of the library. Confined to one
 * thread.
 *
 * <p>Feed it first what was committed, in any order, then arrivals and effects in the order in which they happened; each
 * key's numbers were committed in ascending order.
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

    /** The business table has this row. */
    public void committed(String key, int number, Kind kind) {
        track(key).commit(number, kind);
    }

    /** The business table has this row: its message must arrive and take effect, and not before this time. */
    public void scheduled(String key, int number, Instant due) {
        track(key).schedule(number, due);
    }

    /** The broker has this message since this time, or longer. */
    public void arrived(String key, int number, Instant at, String place) {
        arrivals++;
        Track track = track(key);
        if (track.isEarly(number, at)) {
            findings.add(Violation.EARLY, key + " " + number + " arrived at " + at + ", " + place);
        }
        if (track.arrived.add(number)) {
            order(key, number, track, track.arrived, "arrived for the first time at " + place);
        } else {
            repeatedArrivals++;
        }
    }

    /** Returns whether the broker is known to have this message. */
    public boolean hasArrived(String key, int number) {
        return track(key).arrived.seen.get(number);
    }

    /** The consumer's database has an effect of this message since this time. */
    public void tookEffect(String key, int number, Instant at, String place) {
        Track track = track(key);
        if (track.isEarly(number, at)) {
            findings.add(Violation.EARLY, key + " " + number + " took effect at " + at + ", " + place);
        }
        if (track.effects.add(number)) {
            order(key, number, track, track.effects, "took effect at " + place);
        } else {
            findings.add(Violation.TWICE, key + " " + number + " took effect once more at " + place);
        }
    }

    private void order(String key, int number, Track track, Track.Firsts firsts, String what) {
        if (isOrdered.test(key) && track.isOrdered(number)) {
            int later = firsts.place(number);
            if (later >= 0) {
                findings.add(Violation.DISORDERED, key + " " + number + " " + what + ", after " + later);
            }
        }
    }

    /** The outbox has this message as a dead letter. */
    public void becameDeadLetter(String key, int number) {
        BitSet deadLetters = track(key).deadLetters;
        if (deadLetters.get(number)) {
            findings.add(Violation.MISJUDGED, key + " " + number + " is a dead letter twice");
        }
        deadLetters.set(number);
    }

    /** This dead letter was sent again and is no longer refused: it must arrive and take effect after all. */
    public void sentAgain(String key, int number) {
        track(key).sentAgain.set(number);
    }

    /** The consumers' dead letters have this message, once or several times. */
    public void setAside(String key, int number) {
        track(key).setAside.set(number);
    }

    /** Compares; to be called once, when all has been told. */
    public Verdict check() {
        tracks.forEach(this::check);
        return findings.verdict(new Volume(
                count(track -> track.committed),
                count(track -> track.of(Kind.SCHEDULED)),
                count(track -> track.deadLetters),
                count(track -> track.sentAgain),
                count(track -> track.setAside),
                arrivals,
                repeatedArrivals));
    }

    private void check(String key, Track track) {
        BitSet arrived = track.arrived.seen;
        BitSet effects = track.effects.seen;
        find(key, track.arriving(), arrived, Violation.LOST, "never arrived");
        find(key, track.effective(), effects, Violation.LOST, "never took effect");
        find(key, arrived, track.committed, Violation.INVENTED, "arrived and was never committed");
        find(key, effects, track.committed, Violation.INVENTED, "took effect and was never committed");
        find(key, track.deadLetters, track.committed, Violation.INVENTED, "is a dead letter and was never committed");
        find(key, track.setAside, track.committed, Violation.INVENTED, "was set aside and was never committed");
        BitSet refused = track.of(Kind.REFUSED);
        BitSet unhandled = track.of(Kind.UNHANDLED);
        find(key, refused, track.deadLetters, Violation.MISJUDGED, "was refused for good and is no dead letter");
        find(key, both(track.deadLetters, track.committed), refused, Violation.MISJUDGED, "should be no dead letter");
        find(key, both(refused, arrived), track.sentAgain, Violation.MISJUDGED, "was refused for good and arrived");
        find(key, both(refused, effects), track.sentAgain, Violation.MISJUDGED, "was refused for good and took effect");
        find(key, unhandled, track.setAside, Violation.MISJUDGED, "cannot be handled and was not set aside");
        find(key, both(unhandled, effects), new BitSet(), Violation.MISJUDGED, "cannot be handled and took effect");
        find(key, both(track.setAside, track.committed), unhandled, Violation.MISJUDGED, "was set aside without need");
    }

    /** Finds each number that is in the one and not in the other. */
    private void find(String key, BitSet one, BitSet other, Violation violation, String what) {
        BitSet rest = (BitSet) one.clone();
        rest.andNot(other);
        rest.stream().forEach(number -> findings.add(violation, key + " " + number + " " + what));
    }

    private static BitSet both(BitSet one, BitSet other) {
        BitSet both = (BitSet) one.clone();
        both.and(other);
        return both;
    }

    private long count(Function<Track, BitSet> numbers) {
        return tracks.values().stream()
                .mapToLong(track -> numbers.apply(track).cardinality())
                .sum();
    }

    private Track track(String key) {
        return tracks.computeIfAbsent(key, unused -> new Track());
    }
}
