package io.outbox.kafka;

import io.outbox.kafka.LaneSender.Step;
import io.outbox.kafka.ProducerSession.Verdict;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Carries messages to producers, in order per topic, without ever waiting.
 *
 * <p>A message goes straight to the producer, or waits in its topic's {@link TopicLane} where it cannot go at once;
 * {@link DispatcherThread} tries those again. The first record that a producer gives up ends its {@link ProducerSession}:
 * the producer is closed from that record's callback, before the outcome is told, and everything outstanding ends with
 * the session's {@link Verdict}. Until the last of these is told, later messages of its topics end the same way; then the
 * next one gets a new session.
 *
 * <p>What an ended producer had on the wire may still be written by the broker, mixed with what its successor sends.
 * Both sent each partition's records in order, so the first copies are in order, and what is late is a duplicate.
 *
 * <p>Thread-safe; for the lock see {@link Lanes}.
 */
final class Dispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(Dispatcher.class);

    private final Lanes lanes = new Lanes();
    private final LongSupplier ticker;
    private final boolean partitionsByKey;
    private final LaneSender sender;
    private final Diagnosis diagnosis;
    private final DispatcherThread thread;

    Dispatcher(PublisherSettings settings, ProducerFactory producers, LongSupplier ticker) {
        this.ticker = ticker;
        partitionsByKey = settings.partitionsByKey();
        sender = new LaneSender(lanes, settings, ticker);
        diagnosis = new Diagnosis(lanes, settings);
        thread = new DispatcherThread(
                lanes, sender, diagnosis, settings, forSuspects -> session(producers, forSuspects), ticker);
    }

    private ProducerSession session(ProducerFactory producers, boolean forSuspects) {
        return new ProducerSession(producers.make(forSuspects), forSuspects, this);
    }

    // ---- publishing

    /** Takes a message: sends it, keeps it waiting, or tells its outcome. */
    void publish(
            StoredMessage stored, byte @Nullable [] key, List<Header> headers, Publisher.Confirmation confirmation) {
        String topic = stored.message().destination();
        byte[] value = stored.message().payload();
        Delivery delivery;
        PublishOutcome outcome;
        lanes.lock.lock();
        try {
            TopicLane lane = lanes.lane(topic);
            delivery = new Delivery(lane, stored.message().messageId(), key, value, headers, confirmation);
            outcome = admit(lane, delivery);
        } finally {
            lanes.lock.unlock();
        }
        if (outcome != null) {
            delivery.complete(outcome);
        }
    }

    private @Nullable PublishOutcome admit(TopicLane lane, Delivery delivery) {
        if (lanes.closed) {
            return closedOutcome();
        }
        PublishOutcome failing = lanes.failing(lane);
        if (failing != null) {
            return failing;
        }
        if (!lane.hasWaiting()) {
            Step step = sender.send(delivery);
            if (step != Step.WAITS) {
                return step == Step.SENT ? null : sender.refusal();
            }
        }
        lane.waitBehind(delivery);
        if (lanes.waiting.add(lane)) {
            thread.startOnce();
            lanes.callThread();
        }
        return null;
    }

    // ---- answers, on a producer's I/O thread

    PublishOutcome acknowledged(ProducerSession session, Delivery delivery, @Nullable RecordMetadata metadata) {
        TopicLane lane = delivery.lane;
        lane.acknowledgedAt(ticker.getAsLong());
        int known = partitionsByKey ? lane.guard.partitions() : 0;
        boolean grown = known > 0 && metadata != null && metadata.partition() >= known;
        if (delivery.isGuarded() || grown || session.forSuspects) {
            lanes.lock.lock();
            try {
                unguard(session, delivery, true);
                if (grown) {
                    lane.guard.grown();
                }
                lane.suspect &= !session.forSuspects;
            } finally {
                lanes.lock.unlock();
            }
        }
        return PublishOutcome.published();
    }

    PublishOutcome failed(
            ProducerSession session, Delivery delivery, @Nullable RecordMetadata metadata, Exception failure) {
        KafkaFailure kind = KafkaFailure.of(failure);
        List<Delivery> stranded = List.of();
        Verdict verdict;
        boolean first = false;
        boolean closing;
        lanes.lock.lock();
        try {
            unguard(session, delivery, false);
            if (kind == KafkaFailure.MESSAGE) {
                return PublishOutcome.rejectedForGood(failure);
            }
            closing = lanes.closed;
            verdict = session.verdict();
            if (verdict == null) {
                first = true;
                verdict = diagnosis.ofFailure(session, delivery.lane, metadata, failure, ticker.getAsLong());
                verdict.mark();
                stranded = lanes.end(session, verdict);
            }
        } finally {
            lanes.lock.unlock();
        }
        if (first) {
            LOG.atLevel(closing ? Level.DEBUG : Level.WARN)
                    .log(
                            "A Kafka producer ends: it gave up message {} to topic {}: {}",
                            delivery.messageId,
                            delivery.lane.topic,
                            failure.toString());
            session.abort();
            for (Delivery one : stranded) {
                one.complete(verdict.of(one.lane));
            }
        }
        return kind == KafkaFailure.UNKNOWN ? PublishOutcome.rejectedForNow(failure) : verdict.of(delivery.lane);
    }

    private void unguard(ProducerSession session, Delivery delivery, boolean acknowledged) {
        if (delivery.isGuarded() && delivery.lane.session == session) {
            delivery.lane.guard.answered(delivery.guardedPartition(), acknowledged);
            if (delivery.lane.hasWaiting()) {
                lanes.callThread();
            }
        }
    }

    /** The last outcome of an ended session has been told. */
    void ended(ProducerSession session) {
        lanes.lock.lock();
        try {
            lanes.forget(session);
        } finally {
            lanes.lock.unlock();
        }
    }

    // ---- the end

    void close() {
        List<Delivery> stranded = new ArrayList<>();
        lanes.lock.lock();
        try {
            if (!lanes.closed) {
                lanes.closed = true;
                for (TopicLane lane : lanes.waiting) {
                    stranded.addAll(lane.takeWaiting());
                }
                lanes.waiting.clear();
                lanes.callThread();
            }
        } finally {
            lanes.lock.unlock();
        }
        for (Delivery one : stranded) {
            one.complete(closedOutcome());
        }
        thread.awaitEnd();
    }

    private static PublishOutcome closedOutcome() {
        return PublishOutcome.channelUnavailable(new IllegalStateException("the Kafka publisher is closed"));
    }
}
