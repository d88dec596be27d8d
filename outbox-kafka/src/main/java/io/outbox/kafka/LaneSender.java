package io.outbox.kafka;

import io.outbox.kafka.ProducerSession.Verdict;
import io.outbox.kafka.TopicLane.Wait;
import io.outbox.spi.PublishOutcome;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.utils.Utils;
import org.jspecify.annotations.Nullable;

/** Tries to give one message to a producer. Used under the lock. */
final class LaneSender {
    /** What became of it. */
    enum Step {
        /** The producer has it. */
        SENT,
        /** It has to wait, and all of its topic behind it. */
        WAITS,
        /** It is refused, see {@link LaneSender#refusal()}. */
        REFUSED
    }

    private final Lanes lanes;
    private final boolean partitionsByKey;
    private final LongSupplier ticker;
    private PublishOutcome refusal = PublishOutcome.published();

    LaneSender(Lanes lanes, PublisherSettings settings, LongSupplier ticker) {
        this.lanes = lanes;
        this.partitionsByKey = settings.partitionsByKey();
        this.ticker = ticker;
    }

    /** The outcome of the message that was refused last; valid until the lock is released. */
    PublishOutcome refusal() {
        return refusal;
    }

    Step send(Delivery delivery) {
        TopicLane lane = delivery.lane;
        ProducerSession session = lanes.sessionFor(lane);
        if (session == null) {
            return waitFor(lane, Wait.PRODUCER);
        }
        byte[] key = delivery.key();
        int partitions = key == null || lane.guard.isAllOpen() ? 0 : partitionCount(session, lane);
        if (key == null || partitions == 0) {
            return give(delivery, session, null);
        }
        // with a partitioner of the user the partition cannot be foretold: one message at a time opens the topic
        Integer partition = partitionsByKey ? Utils.toPositive(Utils.murmur2(key)) % partitions : null;
        int guarded = partition == null ? 0 : partition;
        if (!lane.guard.isFree(guarded, partition == null ? 1 : partitions)) {
            return waitFor(lane, Wait.PARTITION);
        }
        if (lane.guard.isOpen(guarded)) {
            return give(delivery, session, partition);
        }
        delivery.guard(guarded);
        lane.guard.opening(guarded);
        Step step = give(delivery, session, partition);
        if (step != Step.SENT) {
            lane.guard.answered(guarded, false);
            delivery.guard(Delivery.UNGUARDED);
        }
        return step;
    }

    private Step give(Delivery delivery, ProducerSession session, @Nullable Integer partition) {
        TopicLane lane = delivery.lane;
        Exception failure = session.send(delivery, partition, ticker.getAsLong());
        if (failure == null) {
            lane.waitFor(Wait.NONE, 0);
            lane.unknown = false;
            return Step.SENT;
        }
        if (failure instanceof InterruptException) {
            // thrown before a wait of no length, with the flag set again: not meant for this message
            return waitFor(lane, Wait.METADATA);
        }
        if (failure instanceof TimeoutException) {
            return noMetadataOrRoom(lane, failure);
        }
        return refused(session, failure);
    }

    private Step noMetadataOrRoom(TopicLane lane, Exception failure) {
        Throwable cause = failure.getCause();
        if (cause != null && KafkaFailure.of(cause) == KafkaFailure.MESSAGE) {
            refusal = PublishOutcome.rejectedForGood(cause);
            return Step.REFUSED;
        }
        waitFor(lane, Wait.METADATA);
        // an answer about another topic hides what the cluster said about this one: the last word counts
        if (lane.waitCause == null || cause != null || failure instanceof BufferExhaustedException) {
            lane.waitCause = failure;
        }
        return Step.WAITS;
    }

    private Step refused(ProducerSession session, Exception failure) {
        switch (KafkaFailure.of(failure)) {
            case MESSAGE -> refusal = PublishOutcome.rejectedForGood(failure);
            case GAVE_UP, UNKNOWN -> refusal = PublishOutcome.rejectedForNow(failure);
            case PRODUCER -> {
                refusal = PublishOutcome.channelUnavailable(failure);
                lanes.endLater(session, new Verdict(null, refusal, refusal));
            }
        }
        return Step.REFUSED;
    }

    private Step waitFor(TopicLane lane, Wait reason) {
        lane.waitFor(reason, ticker.getAsLong());
        return Step.WAITS;
    }

    private static int partitionCount(ProducerSession session, TopicLane lane) {
        try {
            return session.partitions(lane.topic).size();
        } catch (RuntimeException e) {
            return 0; // without metadata; send() tells the reason
        }
    }
}
