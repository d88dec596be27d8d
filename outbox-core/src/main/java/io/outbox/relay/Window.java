package io.outbox.relay;

import io.outbox.relay.InFlightMessage.State;
import io.outbox.relay.Refusals.Refused;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Parking;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one channel that have been read and are not yet deleted or parked: what bounds the relay's memory and
 * keeps each key's order.
 *
 * <p>A key is <em>held</em> from the moment one of its messages is to be parked until the reader begins a step that sees it
 * parked: later messages of the key follow it there. A key is <em>busy</em>, with a publisher that does not keep order by itself, while one of its
 * messages is with the publisher: later ones are queued here.
 *
 * <p>Thread-safe: the reader adds, the publisher's threads complete, the deleter and the parker take out. The reader
 * holds the lock while it hands a message to the publisher, so that no refusal of an earlier message can come between
 * the look at the key and the hand-over. Publishers do not wait for anything in {@code publish}, so no lock order arises.
 */
final class Window {
    /** What the window reports; called under the window's lock, to return at once. */
    interface Events {
        void acknowledged(int waitingForDeletion);

        void unavailable(Throwable cause);

        /** The first answer of the broker after an unavailability. */
        void availableAgain();

        void parkingWaits();

        /** The next message of a key may go: to be handed to the publisher, in the calling thread. */
        void publish(InFlightMessage next);
    }

    private final int maxMessages;
    private final long maxBytes;
    private final boolean oneByOne;
    private final RetryPolicy retryPolicy;
    private final RandomGenerator random;
    private final Events events;

    /** All fields below are guarded by this. */
    private final Map<Long, InFlightMessage> messages = new HashMap<>();

    private final Map<Integer, Integer> perShard = new HashMap<>();
    private final Set<Long> removedSinceRead = new HashSet<>();
    private final Deque<InFlightMessage> acknowledged = new ArrayDeque<>();
    private final Refusals refusals = new Refusals();
    private final Map<String, Deque<InFlightMessage>> busyKeys = new HashMap<>();
    private long bytes;
    private int unresolved;
    private boolean halted;
    private boolean probing;
    private long lowestReturned = Long.MAX_VALUE;

    Window(RelaySettings settings, boolean publisherKeepsOrder, Events events) {
        maxMessages = settings.maxInFlight();
        maxBytes = settings.maxInFlightBytes();
        oneByOne = !publisherKeepsOrder;
        retryPolicy = settings.retryPolicy();
        random = settings.random();
        this.events = events;
    }

    /** How many more messages may be read. */
    synchronized int room() {
        return bytes >= maxBytes ? 0 : Math.max(0, maxMessages - messages.size());
    }

    /** Whether a message of this size may be added; one that is larger than the whole window goes alone. */
    synchronized boolean hasRoomFor(int payloadBytes) {
        return messages.size() < maxMessages && (bytes == 0 || bytes + payloadBytes <= maxBytes);
    }

    /** Whether the id is in flight, or was when the reader's present step began. */
    synchronized boolean contains(long id) {
        return messages.containsKey(id) || removedSinceRead.contains(id);
    }

    /** The reader begins a step: what has been deleted or parked before can no longer be seen by its reads. */
    synchronized void beginRead() {
        removedSinceRead.clear();
        refusals.releaseKeys();
    }

    /**
     * Takes a message that was read: publishes it, queues it behind its key, or has it parked behind its key.
     *
     * @return false when the channel has become unavailable: this message and all after it must be read again
     */
    synchronized boolean admit(StoredMessage message, boolean blocked) {
        if (halted) {
            return false;
        }
        InFlightMessage entry = new InFlightMessage(this, message);
        messages.put(entry.id, entry);
        perShard.merge(entry.shard, 1, Integer::sum);
        bytes += entry.bytes;
        if (entry.key != null && (blocked || refusals.holds(entry.key))) {
            park(entry, ParkedState.BEHIND, message.attempt() - 1, Duration.ZERO, null);
        } else if (oneByOne && entry.key != null) {
            Deque<InFlightMessage> queue = busyKeys.get(entry.key);
            if (queue == null) {
                busyKeys.put(entry.key, new ArrayDeque<>());
                handOver(entry);
            } else {
                entry.state = State.QUEUED;
                queue.add(entry);
            }
        } else {
            handOver(entry);
        }
        return !halted;
    }

    private void handOver(InFlightMessage entry) {
        entry.state = State.PUBLISHING;
        unresolved++;
        events.publish(entry);
    }

    /** Takes the outcome of a message; later outcomes of the same message change nothing. */
    synchronized void complete(InFlightMessage entry, PublishOutcome outcome) {
        StoredMessage message = entry.message;
        if (entry.state != State.PUBLISHING || message == null) {
            return;
        }
        unresolved--;
        if (probing && !(outcome instanceof PublishOutcome.Unavailable)) {
            probing = false;
            events.availableAgain();
        }
        if (outcome instanceof PublishOutcome.Published) {
            entry.state = State.ACKNOWLEDGED;
            entry.message = null;
            bytes -= entry.bytes;
            acknowledged.add(entry);
            events.acknowledged(acknowledged.size());
            nextOfKey(entry);
        } else if (outcome instanceof PublishOutcome.Unavailable unavailable) {
            if (unavailable.scope() == PublishOutcome.Scope.CHANNEL) {
                refusals.returned(entry);
                giveBack(entry);
                halt();
                events.unavailable(unavailable.cause());
            } else {
                String reason = Failures.describe(unavailable.cause());
                park(entry, ParkedState.RETRY, message.attempt() - 1, retryPolicy.firstDelay(), reason);
                parkQueued(entry);
            }
        } else if (outcome instanceof PublishOutcome.RejectedForNow rejected) {
            refuse(
                    entry,
                    retryPolicy.afterRejection(message.attempt(), Duration.ZERO, false, random),
                    rejected.cause());
        } else if (outcome instanceof PublishOutcome.RejectedForGood rejected) {
            refuse(entry, retryPolicy.afterRejection(message.attempt(), Duration.ZERO, true, random), rejected.cause());
        }
    }

    private void refuse(InFlightMessage entry, RetryPolicy.Decision decision, Throwable cause) {
        boolean goesOn = decision.state() == ParkedState.DEAD;
        park(entry, decision.state(), decision.attempts(), decision.delay(), Failures.describe(cause));
        if (goesOn) {
            nextOfKey(entry);
        } else {
            parkQueued(entry);
        }
    }

    private void park(InFlightMessage entry, ParkedState state, int attempts, Duration delay, @Nullable String reason) {
        StoredMessage message = entry.message;
        if (message == null) {
            throw new IllegalStateException("message " + entry.id + " has no content any more");
        }
        entry.state = State.PARKING;
        refusals.add(new Refused(entry, new Parking(message, state, attempts, delay, reason)));
        events.parkingWaits();
    }

    private void nextOfKey(InFlightMessage entry) {
        Deque<InFlightMessage> queue = oneByOne && entry.key != null ? busyKeys.get(entry.key) : null;
        if (queue == null) {
            return;
        }
        InFlightMessage next = queue.poll();
        if (next == null) {
            busyKeys.remove(entry.key);
        } else {
            handOver(next);
        }
    }

    private void parkQueued(InFlightMessage entry) {
        Deque<InFlightMessage> queue = oneByOne && entry.key != null ? busyKeys.remove(entry.key) : null;
        if (queue != null) {
            for (InFlightMessage next : queue) {
                park(next, ParkedState.BEHIND, 0, Duration.ZERO, null);
            }
        }
    }

    private void giveBackQueued() {
        for (Deque<InFlightMessage> queue : busyKeys.values()) {
            queue.forEach(refusals::returned);
            queue.forEach(this::giveBack);
            queue.clear();
        }
        busyKeys.clear();
    }

    /** The message is to be read again. */
    private void giveBack(InFlightMessage entry) {
        lowestReturned = Math.min(lowestReturned, entry.id);
        remove(entry);
        removedSinceRead.remove(entry.id);
    }

    private void remove(InFlightMessage entry) {
        if (messages.remove(entry.id, entry)) {
            if (entry.state != State.ACKNOWLEDGED) {
                bytes -= entry.bytes;
            }
            perShard.computeIfPresent(entry.shard, (shard, n) -> n == 1 ? null : n - 1);
            removedSinceRead.add(entry.id);
        }
        entry.state = State.GONE;
        entry.message = null;
    }

    /** Takes acknowledged messages for deletion; they stay in flight until {@link #deleted}. */
    synchronized List<InFlightMessage> takeAcknowledged(int limit) {
        List<InFlightMessage> taken = new ArrayList<>(Math.min(limit, acknowledged.size()));
        while (taken.size() < limit && !acknowledged.isEmpty()) {
            taken.add(acknowledged.poll());
        }
        return taken;
    }

    /** Returns messages whose deletion failed, to be taken again. */
    synchronized void notDeleted(List<InFlightMessage> taken) {
        for (int i = taken.size() - 1; i >= 0; i--) {
            acknowledged.addFirst(taken.get(i));
        }
    }

    synchronized void deleted(List<InFlightMessage> taken) {
        taken.forEach(this::remove);
    }

    /** Looks at the messages that may be parked now; they stay until {@link #parked} or {@link #giveBackRefused}. */
    synchronized List<Refused> refused(int limit) {
        return refusals.parkable(limit, messages.values());
    }

    /** Whether any message is to be parked, now or when those before it are decided. */
    synchronized boolean hasRefused() {
        return !refusals.isEmpty();
    }

    /** The store has parked them: their keys are released when the reader begins its next step. */
    synchronized void parked(List<Refused> done) {
        for (Refused one : done) {
            refusals.parked(one);
            remove(one.message());
        }
    }

    /**
     * Gives refused messages back whose shards the relay no longer has: whoever has them, perhaps this relay again, reads
     * the messages again. Asked under the lock, so that the reader does not pass over one in between.
     */
    synchronized void giveBackRefused(IntPredicate isHeld) {
        refusals.take(one -> !isHeld.test(one.message().shard)).forEach(this::giveBack);
    }

    /** The channel has become unavailable: what is queued is to be read again, and nothing is admitted. */
    synchronized void halt() {
        halted = true;
        giveBackQueued();
    }

    /** Whether the channel has become unavailable and nothing is admitted until {@link #resume}. */
    synchronized boolean isHalted() {
        return halted;
    }

    /** Admits messages again after an unavailability, once nothing is with the publisher any more. */
    synchronized void resume() {
        halted = false;
        probing = true;
    }

    /** The lowest id that must be read again, or {@link Long#MAX_VALUE}; asked for once, then forgotten. */
    synchronized long takeLowestReturned() {
        refusals.takeBehindReturned().forEach(this::giveBack);
        long lowest = lowestReturned;
        lowestReturned = Long.MAX_VALUE;
        return lowest;
    }

    synchronized boolean hasUnresolved() {
        return unresolved > 0;
    }

    synchronized int ofShard(int shard) {
        return perShard.getOrDefault(shard, 0);
    }

    synchronized int size() {
        return messages.size();
    }

    synchronized long bytes() {
        return bytes;
    }
}
