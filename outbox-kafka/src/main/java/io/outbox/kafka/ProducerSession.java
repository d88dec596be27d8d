package io.outbox.kafka;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.PublishOutcome.RejectedForNow;
import io.outbox.spi.PublishOutcome.Unavailable;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The life of one Kafka producer, from its making to the first record it gives up: then it is over, because a producer
 * that goes on after giving a record up lets later ones overtake.
 */
final class ProducerSession {
    private static final Logger LOG = LoggerFactory.getLogger(ProducerSession.class);
    private static final int SPARE = 1024;

    /** How a session ended: what becomes of the topic that ended it, and of all others. */
    record Verdict(@Nullable TopicLane failed, PublishOutcome forFailed, PublishOutcome forOthers) {
        PublishOutcome of(TopicLane lane) {
            return lane == failed ? forFailed : forOthers;
        }

        /** Notes at the topic what was learnt about it. */
        void mark() {
            if (failed != null) {
                failed.unknown = forFailed instanceof RejectedForNow;
                failed.suspect = forFailed instanceof Unavailable;
            }
        }
    }

    final boolean forSuspects;
    private final Producer<byte[], byte[]> producer;
    private final Dispatcher dispatcher;
    private final AtomicInteger inFlight = new AtomicInteger();

    /** In the order sent, some of them done: the net under a producer whose I/O thread died. Guarded by the lock. */
    private final Deque<Delivery> sent = new ArrayDeque<>();

    /** Written once, under the lock. */
    private volatile @Nullable Verdict verdict;

    ProducerSession(Producer<byte[], byte[]> producer, boolean forSuspects, Dispatcher dispatcher) {
        this.producer = producer;
        this.forSuspects = forSuspects;
        this.dispatcher = dispatcher;
    }

    /** Gives a record to the producer, under the lock; returns why it was not taken, or null. */
    @SuppressWarnings("FutureReturnValueIgnored") // the callback hears of everything
    @Nullable
    Exception send(Delivery delivery, @Nullable Integer partition, long nowNanos) {
        inFlight.incrementAndGet();
        delivery.lane.inFlight.incrementAndGet();
        delivery.beginSend(this, nowNanos);
        try {
            producer.send(delivery.record(partition), delivery);
        } catch (RuntimeException e) {
            delivery.refused(e);
        }
        Exception refusal = delivery.endSend();
        if (refusal == null) {
            remember(delivery);
        } else {
            delivery.lane.inFlight.decrementAndGet();
            inFlight.decrementAndGet();
        }
        return refusal;
    }

    private void remember(Delivery delivery) {
        for (Delivery first = sent.peek(); first != null && first.isDone(); first = sent.peek()) {
            sent.remove();
        }
        if (sent.size() > 2 * inFlight.get() + SPARE) {
            sent.removeIf(Delivery::isDone);
        }
        sent.add(delivery);
    }

    /** An answer of the broker, or the producer's word that there will be none; on the producer's I/O thread. */
    void answered(Delivery delivery, @Nullable RecordMetadata metadata, @Nullable Exception failure) {
        try {
            PublishOutcome outcome = failure == null
                    ? dispatcher.acknowledged(this, delivery, metadata)
                    : dispatcher.failed(this, delivery, metadata, failure);
            delivery.complete(outcome);
        } finally {
            delivery.lane.inFlight.decrementAndGet();
            if (inFlight.decrementAndGet() == 0 && verdict != null) {
                dispatcher.ended(this);
            }
        }
    }

    /** The topic's partitions as the producer knows them; throws when it does not. Does not wait. */
    List<PartitionInfo> partitions(String topic) {
        return producer.partitionsFor(topic);
    }

    boolean isIdle() {
        return inFlight.get() == 0;
    }

    @Nullable
    Verdict verdict() {
        return verdict;
    }

    void end(Verdict how) {
        verdict = how;
    }

    /** The first record that was sent and is not done; under the lock. */
    @Nullable
    Delivery oldest() {
        sent.removeIf(Delivery::isDone);
        return sent.peek();
    }

    /** All that were sent and are not done; under the lock. */
    List<Delivery> unfinished() {
        sent.removeIf(Delivery::isDone);
        return new ArrayList<>(sent);
    }

    /** Closes the producer at once: nothing that is still queued in it is sent any more. */
    void abort() {
        close(Duration.ZERO);
    }

    /** Closes the producer, waiting for answers up to the limit. */
    void close(Duration limit) {
        try {
            producer.close(limit);
        } catch (RuntimeException e) {
            LOG.warn("Closing a Kafka producer failed", e);
        }
    }
}
