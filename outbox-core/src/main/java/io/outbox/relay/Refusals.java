package io.outbox.relay;

import io.outbox.spi.ParkedState;
import io.outbox.spi.Parking;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * The messages of a {@link Window} that are to be parked, in the order of their ids, and the keys that they hold.
 *
 * <p>A message of a key is parked when nothing that stands before it can be left behind in the hot table: retries would pass
 * over that if the relay ended in between. So it waits until no earlier message of its key is queued or with the publisher, and is
 * read again when an earlier one has to be.
 *
 * <p>Guarded by the window's lock.
 */
final class Refusals {
    private final TreeMap<Long, Refused> refused = new TreeMap<>();
    private final Map<String, Integer> heldKeys = new HashMap<>();
    private final List<String> keysToRelease = new ArrayList<>();
    /** The first message of each key that is to be read again when the channel is available. */
    private final Map<String, Long> returned = new HashMap<>();

    /** A message that is to be parked, and how. */
    record Refused(InFlightMessage message, Parking parking) {
        private boolean holdsKey() {
            return message.key != null && parking.state() != ParkedState.DEAD;
        }
    }

    void add(Refused one) {
        refused.put(one.message().id, one);
        if (one.message().key != null && one.holdsKey()) {
            heldKeys.merge(one.message().key, 1, Integer::sum);
        }
    }

    boolean isEmpty() {
        return refused.isEmpty();
    }

    /** Whether later messages of the key are to be parked. */
    boolean holds(String key) {
        return heldKeys.containsKey(key);
    }

    /** Returns those that may be parked now: the first ones of each key. */
    List<Refused> parkable(int limit, Collection<InFlightMessage> inFlight) {
        if (refused.isEmpty()) {
            return List.of();
        }
        Map<String, Long> before = new HashMap<>(returned);
        for (InFlightMessage message : inFlight) {
            if (message.key != null && message.isUndecided()) {
                before.merge(message.key, message.id, Math::min);
            }
        }
        return refused.values().stream()
                .filter(one -> isFirst(one.message(), before))
                .limit(limit)
                .toList();
    }

    private static boolean isFirst(InFlightMessage message, Map<String, Long> others) {
        return message.key == null || message.id < others.getOrDefault(message.key, Long.MAX_VALUE);
    }

    /** It has been parked: its key is held until the next {@link #releaseKeys}. */
    void parked(Refused one) {
        if (refused.remove(one.message().id, one)) {
            release(one);
        }
    }

    /** What was parked or given back before can be seen by the reads that follow. */
    void releaseKeys() {
        for (String key : keysToRelease) {
            heldKeys.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1);
        }
        keysToRelease.clear();
    }

    /** A message that was undecided is to be read again, and so are those that wait behind it. */
    void returned(InFlightMessage message) {
        if (message.key != null) {
            returned.merge(message.key, message.id, Math::min);
        }
    }

    /** Takes out those that wait behind a message that is to be read again: all of them are read now. */
    List<InFlightMessage> takeBehindReturned() {
        List<InFlightMessage> taken = take(one -> !isFirst(one.message(), returned));
        returned.clear();
        return taken;
    }

    /** Takes out some, which are to be read again. */
    List<InFlightMessage> take(Predicate<Refused> which) {
        List<InFlightMessage> taken = new ArrayList<>();
        for (Iterator<Refused> all = refused.values().iterator(); all.hasNext(); ) {
            Refused one = all.next();
            if (which.test(one)) {
                all.remove();
                release(one);
                taken.add(one.message());
            }
        }
        return taken;
    }

    private void release(Refused one) {
        if (one.message().key != null && one.holdsKey()) {
            keysToRelease.add(one.message().key);
        }
    }
}
