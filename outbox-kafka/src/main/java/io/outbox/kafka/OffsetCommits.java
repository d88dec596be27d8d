package io.outbox.kafka;

import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits the offsets of what is done. A commit that fails or comes late costs duplicates, nothing else: it is logged,
 * and the next one covers it. Confined to the consumer's thread.
 */
final class OffsetCommits {
    private static final Logger LOG = LoggerFactory.getLogger(OffsetCommits.class);
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final int MAX_WAKEUPS = 10;

    private final Consumer<byte[], byte[]> consumer;
    private final Map<TopicPartition, PartitionLog> logs;
    private boolean pending;
    private boolean failing;

    OffsetCommits(Consumer<byte[], byte[]> consumer, Map<TopicPartition, PartitionLog> logs) {
        this.consumer = consumer;
        this.logs = logs;
    }

    /** Sends what is new, unless a commit is on its way: its answer comes with a later poll. */
    void commit() {
        Map<TopicPartition, OffsetAndMetadata> offsets = pending ? Map.of() : uncommitted(logs.keySet());
        if (offsets.isEmpty()) {
            return;
        }
        pending = true;
        consumer.commitAsync(offsets, (committed, failure) -> {
            pending = false;
            if (failure == null) {
                committed(committed);
            } else if (!failing) {
                LOG.warn("Offsets were not committed, will be with the next ones", failure);
            }
            failing = failure != null;
        });
    }

    /** Commits what is done of some partitions, within a limit. */
    void commitAndWait(Collection<TopicPartition> partitions) {
        Map<TopicPartition, OffsetAndMetadata> offsets = uncommitted(Set.copyOf(partitions));
        if (offsets.isEmpty()) {
            return;
        }
        try {
            commitSync(offsets);
            committed(offsets);
        } catch (KafkaException e) {
            LOG.warn(
                    "Offsets of {} were not committed; their messages come again as duplicates: {}",
                    offsets.keySet(),
                    e.toString());
        }
    }

    private void commitSync(Map<TopicPartition, OffsetAndMetadata> offsets) {
        for (int i = 0; i < MAX_WAKEUPS; i++) {
            try {
                consumer.commitSync(offsets, LIMIT);
                return;
            } catch (WakeupException e) {
                LOG.trace("Woken for something else: to stop, or because there is room for more records", e);
            }
        }
    }

    private Map<TopicPartition, OffsetAndMetadata> uncommitted(Set<TopicPartition> of) {
        Map<TopicPartition, OffsetAndMetadata> offsets = new HashMap<>();
        logs.forEach((partition, log) -> {
            OffsetAndMetadata offset = of.contains(partition) ? log.uncommitted() : null;
            if (offset != null) {
                offsets.put(partition, offset);
            }
        });
        return offsets;
    }

    private void committed(Map<TopicPartition, OffsetAndMetadata> offsets) {
        offsets.forEach((partition, offset) -> {
            PartitionLog log = logs.get(partition);
            if (log != null) {
                log.committed(offset);
            }
        });
    }
}
