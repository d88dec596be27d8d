package io.outbox.kafka;

import io.outbox.kafka.RecordHandler.Result;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.ConsumerRecords;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads and handles records with one Kafka consumer, until it is stopped or the consumer fails.
 *
 * <p>One step: poll, which keeps the membership; then handle records, one of each partition in turn, for at most a slice
 * of time; then commit the offsets of what is done. A partition with records left over is paused over the polls between, so
 * that neither a slow handler nor a waiting retry costs the membership. A record that failed waits at the head of its
 * partition; other partitions go on. When the database fails, all wait.
 *
 * <p>Crash between the commit in the database and that of the offset: the record is read again and is a duplicate.
 * Partitions taken away in order: what is done is committed in that very poll. Lost without a word: nothing is committed,
 * another consumer may have them.
 *
 * <p>Confined to one thread, but for {@link #stop()}.
 */
final class ConsumerWorker implements ConsumerRebalanceListener {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerWorker.class);
    private static final Duration LONGEST_POLL = Duration.ofSeconds(1);
    private static final Duration LONGEST_SLICE = Duration.ofSeconds(1);

    private final Consumer<byte[], byte[]> consumer;
    private final LoopSettings settings;
    private final RecordHandler<?> handler;
    private final DeadLetters deadLetters;
    private final LoopCounters counters;
    private final RandomGenerator random;
    private final Map<TopicPartition, PartitionQueue> queues = new LinkedHashMap<>();
    private final OffsetCommits offsets;
    private int storeFailures;
    private long storeReadyNanos;
    private volatile boolean stopping;

    ConsumerWorker(
            Consumer<byte[], byte[]> consumer,
            LoopSettings settings,
            RecordHandler<?> handler,
            DeadLetters deadLetters,
            LoopCounters counters,
            RandomGenerator random) {
        this.consumer = consumer;
        this.settings = settings;
        this.handler = handler;
        this.deadLetters = deadLetters;
        this.counters = counters;
        this.random = random;
        offsets = new OffsetCommits(consumer, queues);
    }

    /** Makes {@link #run} return after the record at hand. From any thread. */
    void stop() {
        stopping = true;
        consumer.wakeup();
    }

    /** Works until stopped. Throws what the consumer throws when it cannot go on. */
    void run() {
        consumer.subscribe(settings.topics(), this);
        while (!stopping) {
            poll();
            handleForASlice();
            offsets.commit();
        }
        offsets.commitAndWait(List.copyOf(queues.keySet()));
        queues.clear(); // closing the consumer revokes its partitions, with nothing left to commit
    }

    // ---- poll

    private void poll() {
        List<TopicPartition> busy = new ArrayList<>();
        queues.forEach((partition, queue) -> {
            if (!queue.isEmpty()) {
                busy.add(partition);
            }
        });
        List<TopicPartition> idle = new ArrayList<>(consumer.paused());
        idle.removeAll(busy);
        consumer.resume(idle);
        consumer.pause(busy);
        try {
            add(consumer.poll(untilReady()));
        } catch (WakeupException e) {
            if (!stopping) {
                throw e;
            }
        }
    }

    private void add(ConsumerRecords<byte[], byte[]> records) {
        for (TopicPartition partition : records.partitions()) {
            queues.computeIfAbsent(partition, PartitionQueue::new).addAll(records.records(partition));
        }
    }

    private Duration untilReady() {
        long now = System.nanoTime();
        Duration least = LONGEST_POLL;
        for (PartitionQueue queue : queues.values()) {
            if (!queue.isEmpty()) {
                Duration wait = queue.untilReady(now);
                least = wait.compareTo(least) < 0 ? wait : least;
            }
        }
        Duration store = storeFailures == 0 ? Duration.ZERO : Duration.ofNanos(storeReadyNanos - now);
        Duration longer = store.compareTo(least) > 0 ? store : least;
        return longer.isNegative() ? Duration.ZERO : longer.compareTo(LONGEST_POLL) > 0 ? LONGEST_POLL : longer;
    }

    // ---- handle

    private void handleForASlice() {
        long end = System.nanoTime() + settings.slice(LONGEST_SLICE).toNanos();
        boolean progress = true;
        while (progress) {
            progress = false;
            for (PartitionQueue queue : queues.values()) {
                if (stopping || System.nanoTime() - end > 0) {
                    return;
                }
                if (isReady(queue)) {
                    handleFirst(queue);
                    progress = true;
                }
            }
        }
    }

    private boolean isReady(PartitionQueue queue) {
        if (queue.isEmpty()) {
            return false;
        }
        long now = System.nanoTime();
        return (storeFailures == 0 || now - storeReadyNanos >= 0)
                && queue.untilReady(now).compareTo(Duration.ZERO) <= 0;
    }

    private void handleFirst(PartitionQueue queue) {
        ConsumerRecord<byte[], byte[]> record = queue.first();
        Throwable dead = queue.dead();
        if (dead != null) {
            setAside(queue, record, dead);
            return;
        }
        Result result = handler.attempt(record, queue.attempts() + 1);
        if (Thread.interrupted() && stopping) {
            Thread.currentThread().interrupt(); // one that a handler left behind without reason would fail the consumer
        }
        if (result == Result.DONE) {
            storeFailures = 0;
            queue.firstIsDone();
        } else if (stopping) {
            LOG.debug("{} failed while the loop stops; it is not counted", place(record), handler.failure());
        } else if (result == Result.STORE_FAILED) {
            storeFailed(record);
        } else {
            storeFailures = 0;
            failed(queue, record, result == Result.HOPELESS);
        }
    }

    private void failed(PartitionQueue queue, ConsumerRecord<byte[], byte[]> record, boolean hopeless) {
        queue.failedAttempt();
        if (hopeless || queue.attempts() >= settings.maxAttempts()) {
            queue.isDead(handler.failure());
            setAside(queue, record, handler.failure());
            return;
        }
        Duration delay = waitAtHead(queue);
        LOG.warn(
                "Attempt {} of {} at {} failed, the next in {}",
                queue.attempts(),
                settings.maxAttempts(),
                place(record),
                delay,
                handler.failure());
    }

    private void storeFailed(ConsumerRecord<byte[], byte[]> record) {
        Duration delay = settings.delays().delay(++storeFailures, random);
        storeReadyNanos = System.nanoTime() + delay.toNanos();
        if (storeFailures == 1) {
            LOG.warn("The database failed at {}; no attempt is counted", place(record), handler.failure());
        } else {
            LOG.warn(
                    "The database failed {} times in a row, the next attempt in {}: {}",
                    storeFailures,
                    delay,
                    handler.failure().toString());
        }
    }

    private void setAside(PartitionQueue queue, ConsumerRecord<byte[], byte[]> record, Throwable reason) {
        try {
            deadLetters.add(record, reason, queue.attempts());
        } catch (KafkaException e) {
            Duration delay = waitAtHead(queue);
            LOG.error(
                    "The dead letter {} cannot be written to topic {}: its partition waits; the next attempt in {}",
                    place(record),
                    deadLetters.topicFor(record),
                    delay,
                    e);
            return;
        }
        counters.deadLetters.increment();
        LOG.error(
                "{} was set aside in topic {} after {} attempts",
                place(record),
                deadLetters.topicFor(record),
                queue.attempts(),
                reason);
        queue.firstIsDone();
    }

    private Duration waitAtHead(PartitionQueue queue) {
        Duration delay = settings.delays().delay(queue.nextWait(), random);
        queue.waitUntil(System.nanoTime() + delay.toNanos());
        return delay;
    }

    private static String place(ConsumerRecord<byte[], byte[]> record) {
        return "record " + record.topic() + "-" + record.partition() + "-" + record.offset();
    }

    // ---- rebalance, inside poll

    @Override
    public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
        LOG.debug("Partitions assigned: {}", partitions);
    }

    @Override
    public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
        LOG.debug("Partitions revoked: {}", partitions);
        offsets.commitAndWait(partitions);
        queues.keySet().removeAll(partitions);
    }

    @Override
    public void onPartitionsLost(Collection<TopicPartition> partitions) {
        LOG.warn("Partitions lost, others may have them: {}", partitions);
        queues.keySet().removeAll(partitions);
    }
}
