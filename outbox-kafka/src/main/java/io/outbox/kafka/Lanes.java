package io.outbox.kafka;

import io.outbox.kafka.ProducerSession.Verdict;
import io.outbox.spi.PublishOutcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/**
 * What a publisher has in hand: its topics' lanes and its producers. All but the lock itself is guarded by the lock.
 *
 * <p>The lock is held over {@code send}, which does not wait ({@code max.block.ms=0}), so that no record enters a producer
 * after its end was decided. Besides order, that keeps clear of KAFKA-19012 (seen in kafka-clients 4.1.1), where the
 * buffer of a batch that expired on the wire is used again too early. It is never held while an outcome is told, because
 * the relay publishes under a lock of its own.
 */
final class Lanes {
    final ReentrantLock lock = new ReentrantLock();
    private final Condition attention = lock.newCondition();
    private boolean attentionWanted;

    final Map<String, TopicLane> byTopic = new HashMap<>();
    final Set<TopicLane> waiting = new LinkedHashSet<>();
    final Set<ProducerSession> sessions = new LinkedHashSet<>();
    /** Sessions that ended on a thread that must not wait for the producer, with their waiting messages. */
    final Map<ProducerSession, List<Delivery>> toClose = new LinkedHashMap<>();

    @Nullable
    ProducerSession main;
    /** Carries topics that made a producer give up, so that their next failure ends nothing else. */
    @Nullable
    ProducerSession forSuspects;

    boolean closed;

    /** There is something to do for the {@link DispatcherThread}. */
    void callThread() {
        attentionWanted = true;
        attention.signalAll();
    }

    /** Waits for the next call; one that came since the last wait counts. */
    void awaitCall(long nanos) throws InterruptedException {
        long left = nanos;
        while (!attentionWanted && left > 0) {
            left = attention.awaitNanos(left);
        }
        attentionWanted = false;
    }

    TopicLane lane(String topic) {
        return byTopic.computeIfAbsent(topic, TopicLane::new);
    }

    /** What a new message of the lane ends in at once, or null. */
    @Nullable
    PublishOutcome failing(TopicLane lane) {
        if (lane.failing != null) {
            return lane.failing;
        }
        Verdict verdict = lane.session == null ? null : lane.session.verdict();
        return verdict == null ? null : verdict.of(lane);
    }

    /** The session for the lane's next message; null when it has to be made first. */
    @Nullable
    ProducerSession sessionFor(TopicLane lane) {
        ProducerSession session = lane.session;
        if (session != null && session.forSuspects && !lane.suspect && lane.inFlight.get() == 0) {
            session = null;
            lane.guard.reset();
        }
        if (session == null) {
            session = lane.suspect ? forSuspects : main;
            lane.session = session;
        }
        return session;
    }

    void add(ProducerSession session) {
        sessions.add(session);
        if (session.forSuspects) {
            forSuspects = session;
        } else {
            main = session;
        }
    }

    /** Lanes whose messages wait for a producer that is not there. */
    List<TopicLane> withoutSession(boolean suspects) {
        List<TopicLane> without = new ArrayList<>();
        if ((suspects ? forSuspects : main) == null) {
            for (TopicLane lane : waiting) {
                if (lane.session == null && lane.suspect == suspects) {
                    without.add(lane);
                }
            }
        }
        return without;
    }

    /** Ends the session for suspects when no topic uses it any more. */
    void retireForSuspects() {
        ProducerSession session = forSuspects;
        if (session != null
                && session.isIdle()
                && byTopic.values().stream().noneMatch(lane -> lane.suspect || lane.session == session)) {
            PublishOutcome unused = PublishOutcome.channelUnavailable(new IllegalStateException("producer retired"));
            endLater(session, new Verdict(null, unused, unused));
        }
    }

    /** Decides a session's end; returns the waiting messages of its lanes, to be told the verdict. */
    List<Delivery> end(ProducerSession session, Verdict verdict) {
        session.end(verdict);
        if (main == session) {
            main = null;
        }
        if (forSuspects == session) {
            forSuspects = null;
        }
        List<Delivery> stranded = new ArrayList<>();
        for (TopicLane lane : byTopic.values()) {
            if (lane.session == session) {
                stranded.addAll(lane.takeWaiting());
                waiting.remove(lane);
            }
        }
        return stranded;
    }

    /** Decides a session's end and leaves the rest of the work to the {@link DispatcherThread}. */
    void endLater(ProducerSession session, Verdict verdict) {
        toClose.put(session, end(session, verdict));
        callThread();
    }

    /** All outcomes of an ended session have been told: its topics may begin anew. */
    void forget(ProducerSession session) {
        if (!toClose.containsKey(session) && sessions.remove(session)) {
            for (TopicLane lane : byTopic.values()) {
                if (lane.session == session) {
                    lane.session = null;
                    lane.guard.reset();
                }
            }
        }
    }
}
