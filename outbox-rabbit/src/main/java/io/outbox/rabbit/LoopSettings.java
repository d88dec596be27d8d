package io.outbox.rabbit;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import io.outbox.consumer.internal.HandlingSettings;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * What a consumer loop was configured with; see {@link RabbitConsumerLoop.Builder}. Immutable.
 *
 * @param factory how to connect
 * @param addresses the hosts; empty for the factory's
 * @param group the consumer group
 * @param queues what is read
 * @param prefetch deliveries of a queue that are not acknowledged yet
 * @param threads how many handle
 * @param handling how they do it
 * @param retryQueueDelay how long deliveries wait in the retry queue; null when they are only tried in place
 * @param attemptsInPlace after how many failed attempts a delivery goes there
 * @param deadLetterQueue names the dead-letter queue of a queue
 * @param declareQueues whether dead-letter and retry queues are declared
 * @param stopTimeout how long closing waits for the deliveries at hand
 * @param longestAnswer how long an answer of the broker may take before the connection is given up
 */
record LoopSettings(
        ConnectionFactory factory,
        List<Address> addresses,
        String group,
        Set<String> queues,
        int prefetch,
        int threads,
        HandlingSettings handling,
        @Nullable Duration retryQueueDelay,
        int attemptsInPlace,
        UnaryOperator<String> deadLetterQueue,
        boolean declareQueues,
        Duration stopTimeout,
        Duration longestAnswer) {

    /** Where deliveries of a queue wait for their next attempts. */
    String retryQueue(String queue) {
        return queue + "." + group + ".retry";
    }
}
