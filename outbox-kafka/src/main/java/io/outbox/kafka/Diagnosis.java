package io.outbox.kafka;

import io.outbox.kafka.ProducerSession.Verdict;
import io.outbox.spi.PublishOutcome;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.BufferExhaustedException;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/**
 * Tells how far a failure reaches: one message, its topic, or all brokers. Used under the lock.
 *
 * <p>A topic alone is at fault when the producer's metadata, which it asks for again while it fails, says that the topic
 * is unknown or its partition has no leader; or when other topics have been acknowledged shortly before.
 */
final class Diagnosis {
    private static final long RECENTLY = TimeUnit.SECONDS.toNanos(5);
    private static final long KNOWN_TO_BE_UNKNOWN = TimeUnit.SECONDS.toNanos(1);

    private final Lanes lanes;
    private final PublisherSettings settings;

    Diagnosis(Lanes lanes, PublisherSettings settings) {
        this.lanes = lanes;
        this.settings = settings;
    }

    /** How a session ends whose producer failed a record of this lane. */
    Verdict ofFailure(
            ProducerSession session,
            TopicLane lane,
            @Nullable RecordMetadata metadata,
            Exception failure,
            long nowNanos) {
        PublishOutcome channel = PublishOutcome.channelUnavailable(failure);
        if (KafkaFailure.of(failure) == KafkaFailure.PRODUCER) {
            return new Verdict(null, channel, channel);
        }
        PublishOutcome destination = PublishOutcome.destinationUnavailable(failure);
        if (KafkaFailure.of(failure) == KafkaFailure.UNKNOWN) {
            // counts for the record itself; others of the topic are innocent, but may meet it again
            return new Verdict(lane, destination, channel);
        }
        PublishOutcome outcome = switch (leaderOf(session, lane, metadata)) {
            case TOPIC_UNKNOWN -> PublishOutcome.rejectedForNow(failure);
            case NONE -> destination;
            case KNOWN -> othersServed(lane, nowNanos) ? destination : channel;
        };
        if (outcome.equals(channel)) {
            return new Verdict(null, channel, channel);
        }
        return new Verdict(lane, outcome, session.forSuspects ? destination : channel);
    }

    /** What the waiting messages of a lane end in, or null while they may go on waiting. */
    @Nullable
    PublishOutcome ofWaiting(TopicLane lane, long nowNanos) {
        Exception cause = lane.waitCause;
        if (lane.wait != TopicLane.Wait.METADATA || cause == null) {
            return null;
        }
        long waited = nowNanos - lane.waitingSinceNanos;
        if (cause instanceof BufferExhaustedException) {
            // room comes with the next answer, or with the end of the session; this is for neither
            return waited < settings.deliveryTimeout().toNanos()
                    ? null
                    : PublishOutcome.channelUnavailable(waitedFor("room in buffer.memory", lane, waited, cause));
        }
        long limit = settings.metadataTimeout().toNanos();
        if (cause.getCause() instanceof UnknownTopicOrPartitionException) {
            limit = lane.unknown ? Math.min(limit, KNOWN_TO_BE_UNKNOWN) : limit;
            return waited < limit ? null : PublishOutcome.rejectedForNow(noMetadata(lane, waited, cause));
        }
        if (waited < limit) {
            return null;
        }
        TimeoutException failure = noMetadata(lane, waited, cause);
        return cause.getCause() != null || othersServed(lane, nowNanos)
                ? PublishOutcome.destinationUnavailable(failure)
                : PublishOutcome.channelUnavailable(failure);
    }

    private static TimeoutException noMetadata(TopicLane lane, long nanos, Exception refusal) {
        return waitedFor("metadata", lane, nanos, refusal.getCause());
    }

    private static TimeoutException waitedFor(String what, TopicLane lane, long nanos, @Nullable Throwable cause) {
        String text = "no " + what + " for topic " + lane.topic + " within "
                + TimeUnit.NANOSECONDS.toMillis(nanos) + " ms"
                + (cause == null ? ": no broker answered (see bootstrap.servers)" : "");
        return cause == null ? new TimeoutException(text) : new TimeoutException(text, cause);
    }

    private enum Leader {
        KNOWN,
        NONE,
        TOPIC_UNKNOWN
    }

    private static Leader leaderOf(ProducerSession session, TopicLane lane, @Nullable RecordMetadata metadata) {
        List<PartitionInfo> partitions;
        try {
            partitions = session.partitions(lane.topic);
        } catch (TimeoutException e) {
            return e.getCause() instanceof UnknownTopicOrPartitionException ? Leader.TOPIC_UNKNOWN : Leader.KNOWN;
        } catch (RuntimeException e) {
            return Leader.KNOWN;
        }
        int failed = metadata == null ? RecordMetadata.UNKNOWN_PARTITION : metadata.partition();
        for (PartitionInfo partition : partitions) {
            if (partition.partition() == failed && partition.leader() == null) {
                return Leader.NONE;
            }
        }
        return Leader.KNOWN;
    }

    private boolean othersServed(TopicLane lane, long nowNanos) {
        for (TopicLane other : lanes.byTopic.values()) {
            if (other != lane && other.acknowledgedWithin(RECENTLY, nowNanos)) {
                return true;
            }
        }
        return false;
    }
}
