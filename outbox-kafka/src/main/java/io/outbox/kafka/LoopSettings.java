package io.outbox.kafka;

import java.time.Duration;
import java.util.Set;

/**
 * What a consumer loop was configured with; see {@link KafkaConsumerLoop.Builder}. Immutable.
 *
 * @param topics what is read
 * @param kafka the consumer's settings
 * @param threads how many consumers
 * @param maxAttempts after how many failed attempts a record is a dead letter
 * @param delays the waits between attempts
 * @param stopTimeout how long closing waits for the record at hand
 */
record LoopSettings(
        Set<String> topics,
        ConsumerSettings kafka,
        int threads,
        int maxAttempts,
        RetryDelays delays,
        Duration stopTimeout) {
    private static final int SLICES_PER_POLL_INTERVAL = 10;

    /** How long to handle records between two polls. */
    Duration slice(Duration longest) {
        Duration share = kafka.maxPollInterval().dividedBy(SLICES_PER_POLL_INTERVAL);
        return share.compareTo(longest) < 0 ? share : longest;
    }
}
