package io.outbox.kafka;

import io.outbox.spi.PublishOutcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one topic, in order: those that wait, and the session that carries the others. Guarded by the
 * dispatcher's lock, but for what the producer's I/O thread writes.
 */
final class TopicLane {
    /** Why the first message of a lane waits. */
    enum Wait {
        /** For nothing. */
        NONE,
        /** For a producer, which is made on the dispatcher's thread. */
        PRODUCER,
        /** For the first acknowledgement of a partition. */
        PARTITION,
        /** For the topic's metadata, or room in the producer's buffer: to be tried again. */
        METADATA
    }

    final String topic;
    final PartitionGuard guard = new PartitionGuard();
    private final Deque<Delivery> waiting = new ArrayDeque<>();

    /** Who carries this topic's messages; null when none is on its way. */
    @Nullable
    ProducerSession session;

    Wait wait = Wait.NONE;
    long waitingSinceNanos;
    /** Why the producer last refused for want of metadata or room. */
    @Nullable
    Exception waitCause;

    /** Set while waiting messages are being refused: later ones end the same way, and cannot overtake. */
    @Nullable
    PublishOutcome failing;

    /** It has made a producer give up: goes through a producer of its own until it is acknowledged again. */
    boolean suspect;

    /** It was unknown when last looked at: the next message need not wait as long to learn the same. */
    boolean unknown;

    /** Records with a producer, of this topic. */
    final AtomicInteger inFlight = new AtomicInteger();

    private volatile long lastAckNanos;
    private volatile boolean acknowledged;

    TopicLane(String topic) {
        this.topic = topic;
    }

    void acknowledgedAt(long nowNanos) {
        lastAckNanos = nowNanos;
        acknowledged = true;
    }

    boolean acknowledgedWithin(long nanos, long nowNanos) {
        return acknowledged && nowNanos - lastAckNanos < nanos;
    }

    boolean hasWaiting() {
        return !waiting.isEmpty();
    }

    @Nullable
    Delivery pollWaiting() {
        return waiting.poll();
    }

    void putBack(Delivery first) {
        waiting.addFirst(first);
    }

    void waitBehind(Delivery delivery) {
        waiting.add(delivery);
    }

    /** Records why the first waits; the time counts from the first refusal of the same kind. */
    void waitFor(Wait reason, long nowNanos) {
        if (wait != reason) {
            wait = reason;
            waitingSinceNanos = nowNanos;
            waitCause = null;
        }
    }

    List<Delivery> takeWaiting() {
        List<Delivery> taken = new ArrayList<>(waiting);
        waiting.clear();
        wait = Wait.NONE;
        waitCause = null;
        return taken;
    }
}
