package io.outbox.kafka;

import java.util.BitSet;

/**
 * Lets one keyed record at a time go to a partition until the session's first one there is acknowledged.
 *
 * <p>The order of an idempotent producer rests on what the broker remembers of it. A leader that has never stored a batch
 * of this producer accepts any sequence number (Kafka 4.1, {@code ProducerAppendInfo.checkSequence}): when it refuses the
 * first of two batches, because it is just becoming leader or lacks replicas, and takes the second a moment later, the
 * two change places. After the first acknowledgement a gap is refused. Costs a round trip per partition and session.
 *
 * <p>Guarded by the dispatcher's lock, but for {@link #partitions()}.
 */
final class PartitionGuard {
    private final BitSet open = new BitSet();
    private final BitSet opening = new BitSet();
    private volatile int partitions;
    private boolean allOpen;

    boolean isAllOpen() {
        return allOpen;
    }

    /** How many partitions the topic had when last looked at. */
    int partitions() {
        return partitions;
    }

    /** Whether a record may go to the partition now. */
    boolean isFree(int partition, int ofPartitions) {
        partitions = ofPartitions;
        return !opening.get(partition);
    }

    boolean isOpen(int partition) {
        return open.get(partition);
    }

    void opening(int partition) {
        opening.set(partition);
    }

    void answered(int partition, boolean acknowledged) {
        opening.clear(partition);
        if (acknowledged) {
            open.set(partition);
            allOpen = partitions > 0 && open.cardinality() >= partitions;
        }
    }

    /** The topic has more partitions than were known. */
    void grown() {
        allOpen = false;
    }

    /** A new session begins. */
    void reset() {
        open.clear();
        opening.clear();
        allOpen = false;
    }
}
