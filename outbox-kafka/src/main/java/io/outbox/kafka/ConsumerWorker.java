package io.outbox.kafka;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads records with one Kafka consumer and commits what its {@link Handlers} have done, until it is stopped or the consumer fails.
 *
 * <p>One step: poll, which keeps the membership; hand the records on; commit. A partition with enough records in hand is paused over
 * the polls, so that neither a slow handler nor a waiting retry costs the membership or memory.
 *
 * <p>Crash between the commit in the database and that of the offset: the record is read again and is a duplicate. Partitions
 * taken away in order: no record of theirs is begun any more, the one being handled is waited for, and what is done is
 * committed in that very poll; one that takes too long is abandoned, and its next owner waits for its transaction. Lost without a
 * word: nothing is committed, another consumer may have them.
 *
 * <p>Confined to one thread, but for {@link #stop()}.
 */
final class ConsumerWorker implements ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerWorker.class);
    private static final Duration LONGEST_POLL = Duration.ofSeconds(1);
    private static final Duration POLL_WHILE_BUSY = Duration.ofMillis(100);
    private static final Duration FOR_EVER = Duration.ofDays(1);

    private final Consumer<byte[], byte[]> consumer;
    private final LoopSettings settings;
    private final Handlers handlers;
    private final DeadLetters deadLetters;
    private final Map<TopicPartition, PartitionLog> logs = new LinkedHashMap<>();
    private final OffsetCommits offsets;
    private volatile boolean polling;
    private volatile boolean stopping;

    ConsumerWorker(
            Consumer<byte[], byte[]> consumer, LoopSettings settings, Handlers handlers, DeadLetters deadLetters) {
        this.consumer = consumer;
        this.settings = settings;
        this.handlers = handlers;
        this.deadLetters = deadLetters;
        offsets = new OffsetCommits(consumer, logs);
    }

    /** Makes {@link #run} return after the transactions at hand. From any thread. */
    void stop() {
        stopping = true;
        consumer.wakeup();
    }

    /** Works until stopped. Throws what the consumer throws when it cannot go on. */
    void run() {
        try {
            consumer.subscribe(settings.topics(), this);
            while (!stopping) {
                poll();
                offsets.commit();
            }
            awaitHandlers();
            offsets.commitAndWait(List.copyOf(logs.keySet()));
        } finally {
            forget(List.copyOf(
                    logs.keySet())); // closing the consumer revokes its partitions, with nothing left to commit
        }
    }

    private void awaitHandlers() {
        handlers.stop();
        try {
            boolean ended = handlers.join(FOR_EVER);
            LOG.trace("The handlers have ended: {}", ended);
        } catch (InterruptedException e) {
            LOG.debug("Interrupted, to end without waiting for handlers", e);
        }
    }

    private void poll() {
        List<TopicPartition> paused = new ArrayList<>();
        boolean busy = false;
        for (PartitionLog log : logs.values()) {
            busy |= log.hasOpen();
            if (log.updatePaused()) {
                paused.add(log.partition);
            }
        }
        List<TopicPartition> resumed = new ArrayList<>(consumer.paused());
        resumed.removeAll(paused);
        consumer.resume(resumed);
        consumer.pause(paused);
        polling = true;
        try {
            add(consumer.poll(busy ? POLL_WHILE_BUSY : LONGEST_POLL));
        } catch (WakeupException e) {
            LOG.trace("Woken, because there is room or it is time to stop", e);
        } finally {
            polling = false;
        }
    }

    private void add(ConsumerRecords<byte[], byte[]> records) {
        for (TopicPartition partition : records.partitions()) {
            PartitionLog log =
                    logs.computeIfAbsent(partition, it -> new PartitionLog(it, settings.maxInHand(), this::room));
            handlers.add(log.add(records.records(partition), settings.byKey(), deadLetters));
        }
    }

    /** A paused partition may be read again. On a handler's thread. */
    private void room() {
        if (polling) {
            consumer.wakeup();
        }
    }

    // ---- rebalance, inside poll

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        LOG.debug("Partitions assigned: {}", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        LOG.debug("Partitions revoked: {}", partitions);
        end(partitions);
        if (!handlers.awaitNoStaleInHand(settings.revokeTimeout())) {
            LOG.warn(
                    "Handlers are busy with records of revoked partitions {} for longer than {}: the next owner repeats them",
                    partitions,
                    settings.revokeTimeout());
        }
        offsets.commitAndWait(partitions);
        forget(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        LOG.warn("Partitions lost, others may have them: {}", partitions);
        forget(partitions);
    }

    private void end(Collection<TopicPartition> partitions) {
        for (TopicPartition partition : partitions) {
            PartitionLog log = logs.get(partition);
            if (log != null) {
                log.end();
            }
        }
        handlers.dropStale();
    }

    private void forget(Collection<TopicPartition> partitions) {
        end(partitions);
        logs.keySet().removeAll(partitions);
    }
}
