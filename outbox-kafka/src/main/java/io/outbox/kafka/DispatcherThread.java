package io.outbox.kafka;

import io.outbox.kafka.LaneSender.Step;
import io.outbox.kafka.ProducerSession.Verdict;
import io.outbox.kafka.TopicLane.Wait;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.PublishOutcome.RejectedForNow;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does what must not hold up a publishing thread: makes producers, tries waiting messages again, refuses those that
 * waited too long, closes producers. Sleeps while there is nothing of this.
 */
final class DispatcherThread implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(DispatcherThread.class);
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final long SHORTEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long LONGEST_PAUSE = TimeUnit.MILLISECONDS.toNanos(20);
    private static final long INSPECTION = TimeUnit.SECONDS.toNanos(1);
    /** How long after its delivery time-out a record may be without an answer before its producer counts as dead. */
    private static final Duration GRACE = Duration.ofSeconds(10);

    /** How many waiting messages are sent in one go, so that a publishing thread is not kept from the lock. */
    private static final int SEND_AT_ONCE = 100;

    private record Refused(Delivery delivery, PublishOutcome outcome) {}

    private final Lanes lanes;
    private final LaneSender sender;
    private final Diagnosis diagnosis;
    private final PublisherSettings settings;
    private final Function<Boolean, ProducerSession> sessions;
    private final LongSupplier ticker;
    private final Thread thread;
    /** Guarded by the lock. */
    private boolean started;

    private long pause = SHORTEST_PAUSE;
    private long inspectedAt;

    DispatcherThread(
            Lanes lanes,
            LaneSender sender,
            Diagnosis diagnosis,
            PublisherSettings settings,
            Function<Boolean, ProducerSession> sessions,
            LongSupplier ticker) {
        this.lanes = lanes;
        this.sender = sender;
        this.diagnosis = diagnosis;
        this.settings = settings;
        this.sessions = sessions;
        this.ticker = ticker;
        thread = new Thread(this, "outbox-kafka-" + NUMBER.incrementAndGet());
        thread.setDaemon(true);
    }

    /** Under the lock. */
    void startOnce() {
        if (!started) {
            started = true;
            thread.start();
        }
    }

    /** Waits until the producers are closed, after {@link Lanes#closed} was set; bounded. */
    void awaitEnd() {
        if (!locked(() -> started) || Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(settings.closeTimeout().plus(GRACE).toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        while (awaitWork()) {
            try {
                closeEnded();
                makeProducers();
                sendWaiting();
                refuseOverdue();
                inspect();
            } catch (RuntimeException e) {
                LOG.error("A step of the Kafka publisher failed; it goes on", e);
            }
        }
        closeAll();
    }

    private boolean awaitWork() {
        lanes.lock.lock();
        try {
            boolean retry = false;
            for (TopicLane lane : lanes.waiting) {
                retry |= lane.wait == Wait.METADATA;
            }
            pause = retry ? Math.min(2 * pause, LONGEST_PAUSE) : SHORTEST_PAUSE;
            lanes.awaitCall(retry ? pause : lanes.sessions.isEmpty() ? Long.MAX_VALUE : INSPECTION);
            return !lanes.closed;
        } catch (InterruptedException e) {
            LOG.debug("Nobody has a reason to interrupt this thread; it goes on", e);
            return true;
        } finally {
            lanes.lock.unlock();
        }
    }

    // ---- producers

    private void closeEnded() {
        Map<ProducerSession, List<Delivery>> ended = locked(() -> Map.copyOf(lanes.toClose));
        ended.forEach((session, stranded) -> {
            session.abort();
            Verdict verdict = session.verdict();
            if (verdict != null) {
                stranded.forEach(delivery -> delivery.complete(verdict.of(delivery.lane)));
            }
            locked(() -> {
                lanes.toClose.remove(session);
                if (session.isIdle()) {
                    lanes.forget(session);
                }
                return null;
            });
        });
    }

    private void makeProducers() {
        for (boolean forSuspects : new boolean[] {false, true}) {
            List<TopicLane> without = locked(() -> lanes.withoutSession(forSuspects));
            if (without.isEmpty()) {
                continue;
            }
            try {
                ProducerSession session = sessions.apply(forSuspects);
                locked(() -> {
                    lanes.add(session);
                    return null;
                });
            } catch (RuntimeException e) {
                LOG.warn("No Kafka producer can be made: {}", e.toString());
                without.forEach(lane -> refuseAll(lane, PublishOutcome.channelUnavailable(e)));
            }
        }
    }

    // ---- waiting messages

    private void sendWaiting() {
        for (TopicLane lane : locked(() -> List.copyOf(lanes.waiting))) {
            boolean more = true;
            while (more) {
                more = sendSome(lane);
            }
        }
    }

    /** Sends some of the lane's waiting messages; false when it has none left or the first must go on waiting. */
    private boolean sendSome(TopicLane lane) {
        List<Refused> refused = new ArrayList<>();
        boolean more = true;
        lanes.lock.lock();
        try {
            for (int n = 0; n < SEND_AT_ONCE && more; n++) {
                more = sendOne(lane, refused);
            }
            if (!lane.hasWaiting()) {
                lanes.waiting.remove(lane);
            }
        } finally {
            lanes.lock.unlock();
        }
        tell(lane, refused);
        return more;
    }

    private boolean sendOne(TopicLane lane, List<Refused> refused) {
        Delivery delivery = lane.pollWaiting();
        if (delivery == null) {
            return false;
        }
        Step step = sender.send(delivery);
        if (step == Step.WAITS) {
            lane.putBack(delivery);
            return false;
        }
        pause = SHORTEST_PAUSE;
        if (step == Step.REFUSED) {
            refused.add(new Refused(delivery, sender.refusal()));
            if (sender.refusal() instanceof RejectedForNow) {
                refused.addAll(takeAll(lane, sender.refusal()));
                return false;
            }
        }
        return true;
    }

    private void refuseOverdue() {
        long now = ticker.getAsLong();
        for (TopicLane lane : locked(() -> List.copyOf(lanes.waiting))) {
            PublishOutcome outcome = locked(() -> diagnosis.ofWaiting(lane, now));
            if (outcome != null) {
                LOG.warn("Messages to topic {} cannot be sent: {}", lane.topic, outcome);
                locked(() -> lane.unknown = outcome instanceof RejectedForNow);
                refuseAll(lane, outcome);
            }
        }
    }

    private void refuseAll(TopicLane lane, PublishOutcome outcome) {
        tell(lane, locked(() -> takeAll(lane, outcome)));
    }

    /** Takes all waiting messages; until {@link #tell} is through, new ones of the lane are refused the same way. */
    private List<Refused> takeAll(TopicLane lane, PublishOutcome outcome) {
        lane.failing = outcome;
        lanes.waiting.remove(lane);
        List<Refused> all = new ArrayList<>();
        lane.takeWaiting().forEach(delivery -> all.add(new Refused(delivery, outcome)));
        return all;
    }

    private void tell(TopicLane lane, List<Refused> refused) {
        if (refused.isEmpty()) {
            return;
        }
        refused.forEach(one -> one.delivery().complete(one.outcome()));
        locked(() -> lane.failing = null);
    }

    // ---- the net under a producer whose I/O thread died, and the end

    private void inspect() {
        long now = ticker.getAsLong();
        if (now - inspectedAt < INSPECTION) {
            return;
        }
        inspectedAt = now;
        for (ProducerSession session : locked(() -> List.copyOf(lanes.sessions))) {
            Delivery oldest = locked(session::oldest);
            if (oldest != null
                    && now - oldest.sentNanos()
                            > settings.deliveryTimeout().plus(GRACE).toNanos()) {
                abandon(
                        session,
                        "no answer for the record of message " + oldest.messageId + " within "
                                + settings.deliveryTimeout() + " and " + GRACE
                                + ": the producer's I/O thread may have died");
            }
        }
        locked(() -> {
            lanes.retireForSuspects();
            return null;
        });
    }

    private void abandon(ProducerSession session, String reason) {
        LOG.error("A Kafka producer is abandoned: {}", reason);
        PublishOutcome outcome = PublishOutcome.channelUnavailable(new TimeoutException(reason));
        List<Delivery> lost = locked(() -> {
            if (session.verdict() == null) {
                lanes.endLater(session, new Verdict(null, outcome, outcome));
            }
            return session.unfinished();
        });
        closeEnded();
        lost.forEach(delivery -> delivery.complete(outcome));
        locked(() -> {
            lanes.forget(session);
            return null;
        });
    }

    private void closeAll() {
        closeEnded();
        for (ProducerSession session : locked(() -> List.copyOf(lanes.sessions))) {
            session.close(settings.closeTimeout());
            PublishOutcome outcome = PublishOutcome.channelUnavailable(
                    new IllegalStateException("the Kafka publisher was closed before the broker answered"));
            locked(session::unfinished).forEach(delivery -> delivery.complete(outcome));
        }
    }

    private <R extends @Nullable Object> R locked(Supplier<R> action) {
        lanes.lock.lock();
        try {
            return action.get();
        } finally {
            lanes.lock.unlock();
        }
    }
}
