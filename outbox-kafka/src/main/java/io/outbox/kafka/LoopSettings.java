package io.outbox.kafka;

import io.outbox.consumer.internal.HandlingSettings;
import java.time.Duration;
import java.util.Set;

/**
 * What a consumer loop was configured with; see {@link KafkaConsumerLoop.Builder}. Immutable.
 *
 * @param topics what is read
 * @param kafka the consumer's settings
 * @param threads how many consumers
 * @param handlersByKey how many threads handle what a consumer reads, by key; 0 for one, by partition
 * @param handling how they do it
 * @param stopTimeout how long closing waits for what is at hand
 */
record LoopSettings(
        Set<String> topics,
        ConsumerSettings kafka,
        int threads,
        int handlersByKey,
        HandlingSettings handling,
        Duration stopTimeout) {
    private static final int REVOKES_PER_POLL_INTERVAL = 10;
    private static final Duration LONGEST_REVOKE = Duration.ofSeconds(10);

    boolean byKey() {
        return handlersByKey > 0;
    }

    /** How many records of a partition may be in hand. */
    int maxInHand() {
        return Math.max(kafka.maxPollRecords(), 2 * handling.batch());
    }

    /** How long to wait for what is being handled of partitions that are taken away. */
    Duration revokeTimeout() {
        Duration share = kafka.maxPollInterval().dividedBy(REVOKES_PER_POLL_INTERVAL);
        return share.compareTo(LONGEST_REVOKE) < 0 ? share : LONGEST_REVOKE;
    }
}
