package io.outbox.relay;

import static java.util.Objects.requireNonNull;

import io.outbox.spi.OutboxStore;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedState;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.RelayListener;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/**
 * Publishes parked messages that are due: scheduled ones, and the first of each blocked key followed by those behind it.
 *
 * <p>A parked message stays in its table, and blocks its key there, until the broker has acknowledged it and it is deleted;
 * so a crash between the two repeats it and lets nothing overtake it. The outcome of an attempt is written before the
 * message is tried again.
 *
 * <p>Runs on one thread at a time; outcomes come from the publisher's threads through a queue.
 */
final class RetryPass implements PassLoop.Pass {
    static final int MAX_IN_FLIGHT = 200;
    /** While the broker is tried again, so many go at once. */
    private static final int PROBES = 5;

    /** A search is followed by a pause of at least so many times its length. */
    private static final int PAUSES = 4;

    private static final long LONGEST_PAUSE_NANOS = 3_000_000_000L;

    /** An outcome that has come in. */
    private record Settled(ParkedMessage parked, PublishOutcome outcome) {}

    private final OutboxStore<?> store;
    private final String channel;
    private final RelaySettings settings;
    private final Leases leases;
    private final Outlet outlet;
    private final Circuit circuit;
    private final BlockedKeys blockedKeys;
    private final RelayListener listener;
    private final PassEvents events;

    private final ConcurrentLinkedQueue<Settled> settled = new ConcurrentLinkedQueue<>();
    /** Confined to the pass. */
    private final Map<Long, ParkedMessage> inFlight = new HashMap<>();

    private final Map<String, Integer> busyKeys = new HashMap<>();
    /** Keys of which a message has failed and is not settled yet: nothing more of them goes out. Guarded by the outlet. */
    private final Set<String> failedKeys = new HashSet<>();

    private final Followers followers;
    /** When the store was last asked for due messages, and whether that had any that could go. */
    private long searchedNanos;

    private boolean searchPaid = true;
    /** How long after a search the next may come without a cause. */
    private long searchPauseNanos;

    private volatile int[] inFlightOfShard = new int[0];

    /** What the pass tells the others. */
    interface PassEvents {
        void published(int messages);

        /** On a publisher's thread, like the two below. */
        void outcomeCame();

        /** The broker is there. */
        void answered();

        /** The broker is away. */
        void unavailable(Throwable cause);
    }

    RetryPass(
            OutboxStore<?> store,
            String channel,
            RelaySettings settings,
            Leases leases,
            Outlet outlet,
            Circuit circuit,
            BlockedKeys blockedKeys,
            RelayListener listener,
            PassEvents events) {
        this.store = store;
        this.channel = channel;
        this.settings = settings;
        this.leases = leases;
        this.outlet = outlet;
        this.circuit = circuit;
        this.blockedKeys = blockedKeys;
        this.listener = listener;
        this.events = events;
        searchPauseNanos = settings.retryPoll().toNanos();
        followers = new Followers(store);
    }

    @Override
    public long run() {
        List<ParkedMessage> published = settleAll();
        Map<Integer, Long> held = leases.readable();
        if (held.isEmpty() || circuit.state() == CircuitState.OPEN) {
            followers.forgetAll();
            return settings.retryPoll().toNanos();
        }
        if (!outlet.keepsOrder()) {
            published.forEach(one -> publishNext(one, held));
            long wait = nanosUntilSearch();
            if (wait > 0) {
                return wait;
            }
        }
        return search(held.keySet());
    }

    /** Asks the store for what is due and publishes it; returns the wait until the next time. */
    private long search(Set<Integer> shards) {
        long assumptions = blockedKeys.assumptions();
        searchedNanos = settings.ticker().getAsLong();
        int room = (circuit.state() == CircuitState.CLOSED ? MAX_IN_FLIGHT : PROBES) - inFlight.size();
        if (room <= 0) {
            return PassLoop.UNTIL_WOKEN;
        }
        int started = 0;
        List<ParkedMessage> found = blockedKeys.mayExist()
                ? store.due(channel, shards, room)
                : store.dueWhileNothingBlocks(channel, shards, room);
        adaptPause(settings.ticker().getAsLong() - searchedNanos);
        if (found.stream().anyMatch(RetryPass::isOrdered)) {
            blockedKeys.assume(); // a dead letter that was re-driven: later messages of its key wait for it again
        }
        for (ParkedMessage due : found) {
            started += publishWithFollowers(due);
        }
        searchPaid = started > 0;
        if (started == 0 && inFlight.isEmpty() && blockedKeys.mayExist()) {
            lookForBlocking(assumptions);
        }
        return searchPauseNanos;
    }

    /** Where so much is parked that a search takes long, the database has time for other things in between. */
    private void adaptPause(long tookNanos) {
        long poll = settings.retryPoll().toNanos();
        searchPauseNanos = Math.max(poll, Math.min(PAUSES * tookNanos, LONGEST_PAUSE_NANOS));
    }

    /** A search for little room, or one that found nothing but keys whose messages are under way, would find little again. */
    private long nanosUntilSearch() {
        long wait = searchedNanos + searchPauseNanos - settings.ticker().getAsLong();
        boolean pays = inFlight.isEmpty() || (searchPaid && inFlight.size() <= Followers.MAX_KEYS);
        return pays ? 0 : wait;
    }

    /** The next message of a key, where the publisher does not keep order. */
    private void publishNext(ParkedMessage published, Map<Integer, Long> held) {
        if (!isOrdered(published)) {
            return;
        }
        String key = keyOf(published);
        ParkedMessage next = followers.next(key, published, held);
        if (next != null && !publish(next)) {
            followers.forget(key);
        }
    }

    /** Looks in draining shards too: the reader may have one again, unnoticed, if it is kept after all. */
    private void lookForBlocking(long assumptions) {
        Set<Integer> held = leases.held();
        if (!held.isEmpty() && !store.hasBlocking(channel, held)) {
            blockedKeys.noneSince(assumptions);
        }
    }

    /** Whether a shard may be given back as far as this pass is concerned. */
    boolean isDrained(int shard) {
        int[] counts = inFlightOfShard;
        return shard >= counts.length || counts[shard] == 0;
    }

    boolean isIdle() {
        return settled.isEmpty() && Arrays.stream(inFlightOfShard).sum() == 0;
    }

    /** A message that has failed before goes alone; else those behind it follow at once, if the publisher keeps order. */
    private int publishWithFollowers(ParkedMessage head) {
        if (inFlight.containsKey(head.parkedId()) || (isOrdered(head) && busyKeys.containsKey(keyOf(head)))) {
            return 0;
        }
        int room = MAX_IN_FLIGHT - inFlight.size(); // followers of another head may have taken it
        if (room <= 0) {
            return 0;
        }
        if (!publish(head) || !isOrdered(head) || head.attempts() > 0 || room <= 1 || !outlet.keepsOrder()) {
            return 1;
        }
        int count = 1;
        for (ParkedMessage follower : store.behind(head, room - 1)) {
            if (!publish(follower)) {
                break;
            }
            count++;
        }
        return count;
    }

    private static boolean isOrdered(ParkedMessage parked) {
        return parked.state() != ParkedState.SCHEDULED
                && parked.message().message().key() != null;
    }

    private static ParkedState retryState(ParkedMessage parked) {
        return parked.state() == ParkedState.SCHEDULED ? ParkedState.SCHEDULED : ParkedState.RETRY;
    }

    /** Tells whether the message went out; it does not when an earlier one of its key, or the channel, has failed. */
    private boolean publish(ParkedMessage parked) {
        StoredMessage stored = parked.message();
        StoredMessage attempt = new StoredMessage(
                stored.id(),
                stored.shard(),
                stored.createdAt(),
                parked.attempts() + 1,
                stored.payloadSize(),
                stored.message(),
                stored.defect());
        inFlight.put(parked.parkedId(), parked);
        count(parked, 1);
        boolean sent = outlet.publishIf(() -> mayPublish(parked), attempt, outcome -> outcomeCame(parked, outcome));
        if (!sent) {
            forget(parked);
        }
        return sent;
    }

    private boolean mayPublish(ParkedMessage parked) {
        return circuit.state() != CircuitState.OPEN
                && leases.isGood()
                && !(isOrdered(parked) && failedKeys.contains(keyOf(parked)));
    }

    /** On a publisher's thread. */
    private void outcomeCame(ParkedMessage parked, PublishOutcome outcome) {
        if (outcome instanceof PublishOutcome.Unavailable unavailable
                && unavailable.scope() == PublishOutcome.Scope.CHANNEL) {
            events.unavailable(unavailable.cause());
        } else {
            events.answered();
        }
        if (isOrdered(parked) && !(outcome instanceof PublishOutcome.Published)) {
            outlet.exclusively(() -> failedKeys.add(keyOf(parked)));
        }
        settled.add(new Settled(parked, outcome));
        events.outcomeCame();
    }

    private static String keyOf(ParkedMessage ordered) {
        return requireNonNull(ordered.message().message().key(), "key");
    }

    /** Returns those that the broker has. */
    private List<ParkedMessage> settleAll() {
        List<Settled> batch = new ArrayList<>();
        for (Settled one = settled.poll(); one != null; one = settled.poll()) {
            if (inFlight.containsKey(one.parked().parkedId())) {
                batch.add(one);
            }
        }
        List<Settled> done = new ArrayList<>();
        try {
            settlePublished(batch, done);
            settleOthers(batch, done);
        } finally {
            batch.removeAll(done);
            settled.addAll(batch);
        }
        return done.stream()
                .filter(one -> one.outcome() instanceof PublishOutcome.Published)
                .map(Settled::parked)
                .toList();
    }

    private void settlePublished(List<Settled> batch, List<Settled> done) {
        List<Settled> published = batch.stream()
                .filter(one -> one.outcome() instanceof PublishOutcome.Published)
                .toList();
        if (!published.isEmpty()) {
            remove(published.stream().mapToLong(one -> one.parked().parkedId()).toArray());
            published.forEach(one -> forget(one.parked()));
            done.addAll(published);
            events.published(published.size());
        }
    }

    private void remove(long[] parkedIds) {
        if (settings.archives()) {
            store.archiveParked(parkedIds);
        } else {
            store.deleteParked(parkedIds);
        }
    }

    private void settleOthers(List<Settled> batch, List<Settled> done) {
        for (Settled one : batch) {
            if (!(one.outcome() instanceof PublishOutcome.Published)) {
                settleFailure(one.parked(), one.outcome());
                forget(one.parked());
                if (isOrdered(one.parked())) {
                    followers.forget(keyOf(one.parked()));
                }
                done.add(one);
            }
        }
    }

    private void settleFailure(ParkedMessage parked, PublishOutcome outcome) {
        int attempt = parked.attempts() + 1;
        Duration age = Duration.between(wantedSince(parked.message()), parked.notBefore());
        if (outcome instanceof PublishOutcome.Unavailable unavailable) {
            if (unavailable.scope() == PublishOutcome.Scope.DESTINATION) {
                Duration pause = settings.retryPolicy().firstDelay();
                repark(parked, retryState(parked), parked.attempts(), pause, unavailable.cause());
            }
        } else if (outcome instanceof PublishOutcome.RejectedForNow rejected) {
            decide(
                    parked,
                    settings.retryPolicy().afterRejection(attempt, age, false, settings.random()),
                    rejected.cause());
        } else if (outcome instanceof PublishOutcome.RejectedForGood rejected) {
            decide(
                    parked,
                    settings.retryPolicy().afterRejection(attempt, age, true, settings.random()),
                    rejected.cause());
        }
    }

    /** A scheduled message is as old as its time, however long before that it was written. */
    private static Instant wantedSince(StoredMessage stored) {
        Instant deliverAt = stored.message().deliverAt();
        return deliverAt != null && deliverAt.isAfter(stored.createdAt()) ? deliverAt : stored.createdAt();
    }

    private void decide(ParkedMessage parked, RetryPolicy.Decision decision, Throwable cause) {
        ParkedState state = decision.state() == ParkedState.RETRY ? retryState(parked) : decision.state();
        repark(parked, state, decision.attempts(), decision.delay(), cause);
    }

    private void repark(
            ParkedMessage parked, ParkedState state, int attempts, Duration delay, @Nullable Throwable cause) {
        String relayId = leases.relayId();
        String reason = cause == null ? "" : Failures.describe(cause);
        if (relayId != null && store.repark(relayId, parked, state, attempts, delay, reason)) {
            listener.onParked(parked.message(), state, reason);
        }
    }

    private void forget(ParkedMessage parked) {
        inFlight.remove(parked.parkedId());
        count(parked, -1);
    }

    private void count(ParkedMessage parked, int change) {
        int shard = parked.message().shard();
        int[] counts = Arrays.copyOf(inFlightOfShard, Math.max(inFlightOfShard.length, shard + 1));
        counts[shard] += change;
        inFlightOfShard = counts;
        if (isOrdered(parked) && busyKeys.merge(keyOf(parked), change, (a, b) -> a + b == 0 ? null : a + b) == null) {
            outlet.exclusively(() -> failedKeys.remove(keyOf(parked)));
        }
    }
}
