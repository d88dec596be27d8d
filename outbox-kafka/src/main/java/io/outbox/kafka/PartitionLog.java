package io.outbox.kafka;

import io.outbox.consumer.internal.Delivery;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;

/**
 * The records of one partition that were read and are not committed yet, in order, while the partition is ours. They may be done in
 * any order; what is committed is the place before the first that is not. So its memory is bounded though one is not done for long. Used by the consumer's thread, but for what says
 * otherwise.
 */
final class PartitionLog implements Delivery.Source {
    private static final long MAX_BYTES = 8L * 1024 * 1024;
    /** How many more records may be done behind one that is not: only their offsets are kept. */
    private static final int DONE_BEHIND = 20;

    final TopicPartition partition;
    private final int maxRecords;
    private final Runnable onRoom;
    private final Deque<RecordDelivery> records = new ArrayDeque<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicLong openBytes = new AtomicLong();
    private volatile boolean paused;
    private volatile boolean over;
    private @Nullable OffsetAndMetadata done;
    private long committed = -1;

    /**
     * Begins when the partition is assigned.
     *
     * @param partition the partition
     * @param maxRecords pauses when so many are in hand, or 8 MiB of them
     * @param onRoom called, on any thread, when it was paused and need not be any more
     */
    PartitionLog(TopicPartition partition, int maxRecords, Runnable onRoom) {
        this.partition = partition;
        this.maxRecords = maxRecords;
        this.onRoom = onRoom;
    }

    List<RecordDelivery> add(Collection<ConsumerRecord<byte[], byte[]>> more, boolean byKey, DeadLetters deadLetters) {
        List<RecordDelivery> added = new ArrayList<>(more.size());
        for (ConsumerRecord<byte[], byte[]> record : more) {
            RecordDelivery delivery = new RecordDelivery(this, record, byKey, deadLetters);
            openBytes.addAndGet(delivery.bytes());
            added.add(delivery);
        }
        open.addAndGet(added.size());
        records.addAll(added);
        return added;
    }

    /** A record's effects are committed. On the thread that handled it. */
    void done(RecordDelivery delivery) {
        openBytes.addAndGet(-delivery.bytes());
        open.decrementAndGet();
        if (paused && hasRoom()) {
            onRoom.run();
        }
    }

    private boolean hasRoom() {
        return open.get() <= maxRecords / 2 && openBytes.get() <= MAX_BYTES / 2;
    }

    /** Whether no more records are to be read for now: from full until half empty. */
    boolean updatePaused() {
        forgetDone();
        if (open.get() >= maxRecords || openBytes.get() >= MAX_BYTES || records.size() >= maxRecords * DONE_BEHIND) {
            paused = true;
        } else if (hasRoom()) {
            paused = false;
        }
        return paused;
    }

    /** What is to be committed, or null when all that is done has been. */
    @Nullable
    OffsetAndMetadata uncommitted() {
        forgetDone();
        return done != null && done.offset() > committed ? done : null;
    }

    private void forgetDone() {
        RecordDelivery first = records.peek();
        while (first != null && first.isDone()) {
            done = first.next();
            records.remove();
            first = records.peek();
        }
    }

    void committed(OffsetAndMetadata offset) {
        committed = Math.max(committed, offset.offset());
    }

    boolean hasOpen() {
        return open.get() > 0;
    }

    /** The partition was taken away. */
    void end() {
        over = true;
    }

    @Override
    public boolean isOver() {
        return over;
    }

    /** Offsets are committed by the consumer's thread, between polls. */
    @Override
    public void flush() {}
}
