package io.outbox.kafka;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/** The records of one partition that were read and not yet handled, in order. Confined to its consumer's thread. */
final class PartitionQueue {
    final TopicPartition partition;
    private final Deque<ConsumerRecord<byte[], byte[]>> records = new ArrayDeque<>();
    private @Nullable OffsetAndMetadata done;
    private long committed = -1;

    /** Failed attempts at the first record. */
    private int attempts;
    /** Why the first record is a dead letter, when it is one and only has to be set aside. */
    private @Nullable Throwable dead;

    private int waits;
    private boolean waiting;
    private long waitUntilNanos;

    PartitionQueue(TopicPartition partition) {
        this.partition = partition;
    }

    void addAll(Collection<ConsumerRecord<byte[], byte[]>> more) {
        records.addAll(more);
    }

    boolean isEmpty() {
        return records.isEmpty();
    }

    ConsumerRecord<byte[], byte[]> first() {
        return records.getFirst();
    }

    int attempts() {
        return attempts;
    }

    @Nullable
    Throwable dead() {
        return dead;
    }

    void failedAttempt() {
        attempts++;
    }

    void isDead(Throwable reason) {
        dead = reason;
    }

    /** Counts the waits of the first record. */
    int nextWait() {
        return ++waits;
    }

    void waitUntil(long nanos) {
        waiting = true;
        waitUntilNanos = nanos;
    }

    /** How long until the first record may be tried; zero or less for now. */
    Duration untilReady(long nowNanos) {
        return waiting ? Duration.ofNanos(waitUntilNanos - nowNanos) : Duration.ZERO;
    }

    /** The first record is done with: its offset may be committed. */
    void firstIsDone() {
        ConsumerRecord<byte[], byte[]> record = records.removeFirst();
        done = new OffsetAndMetadata(record.offset() + 1, record.leaderEpoch(), "");
        attempts = 0;
        waits = 0;
        dead = null;
        waiting = false;
    }

    /** What is to be committed, or null when all that is done has been. */
    @Nullable
    OffsetAndMetadata uncommitted() {
        return done != null && done.offset() > committed ? done : null;
    }

    void committed(OffsetAndMetadata offset) {
        committed = Math.max(committed, offset.offset());
    }
}
