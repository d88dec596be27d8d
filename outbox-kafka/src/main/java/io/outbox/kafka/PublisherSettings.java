package io.outbox.kafka;

import static org.apache.kafka.clients.producer.ProducerConfig.ACKS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.BATCH_SIZE_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.BOOTSTRAP_SERVERS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.BUFFER_MEMORY_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.ENABLE_IDEMPOTENCE_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.LINGER_MS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.MAX_BLOCK_MS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION;
import static org.apache.kafka.clients.producer.ProducerConfig.PARTITIONER_CLASS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.PARTITIONER_IGNORE_KEYS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.RETRIES_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.TRANSACTIONAL_ID_CONFIG;
import static org.apache.kafka.clients.producer.ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG;

import java.time.Duration;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The producer's settings: the user's, less those that would break a guarantee, and our defaults. Immutable.
 *
 * @param producer what the producer is made with
 * @param deliveryTimeout when the producer gives a record up
 * @param metadataTimeout when a topic without metadata is given up
 * @param closeTimeout how long closing waits for acknowledgements
 * @param partitionsByKey whether the default partitioner is in use, so that a key's partition can be foretold
 */
record PublisherSettings(
        Map<String, Object> producer,
        Duration deliveryTimeout,
        Duration metadataTimeout,
        Duration closeTimeout,
        boolean partitionsByKey) {
    private static final long DELIVERY_TIMEOUT_MS = 30_000;
    private static final long REQUEST_TIMEOUT_MS = 10_000;
    private static final int MAX_IN_FLIGHT = 5;

    static PublisherSettings of(Map<String, ?> given, Duration metadataTimeout, Duration closeTimeout) {
        Settings settings = new Settings(given);
        if (!settings.has(BOOTSTRAP_SERVERS_CONFIG)) {
            throw new IllegalArgumentException(BOOTSTRAP_SERVERS_CONFIG + " is missing");
        }
        refuseWhatBreaksAGuarantee(settings);
        addDefaults(settings);
        boolean partitionsByKey = !settings.has(PARTITIONER_CLASS_CONFIG)
                && !"true".equalsIgnoreCase(settings.text(PARTITIONER_IGNORE_KEYS_CONFIG));
        Map<String, Object> producer = settings.toMap();
        try {
            new ProducerConfig(producer);
        } catch (KafkaException e) {
            throw new IllegalArgumentException("Kafka refuses the producer's settings: " + e.getMessage(), e);
        }
        return new PublisherSettings(
                producer,
                Duration.ofMillis(settings.number(DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS)),
                metadataTimeout,
                closeTimeout,
                partitionsByKey);
    }

    private static void refuseWhatBreaksAGuarantee(Settings settings) {
        String acks = settings.text(ACKS_CONFIG);
        settings.require(
                acks == null || acks.equals("all") || acks.equals("-1"),
                ACKS_CONFIG,
                "all, because an acknowledged message is deleted from the outbox");
        settings.require(
                !"false".equalsIgnoreCase(settings.text(ENABLE_IDEMPOTENCE_CONFIG)),
                ENABLE_IDEMPOTENCE_CONFIG,
                "true, because retries would reorder the messages of a key");
        settings.require(
                settings.number(MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, MAX_IN_FLIGHT) <= MAX_IN_FLIGHT,
                MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION,
                "at most 5, because brokers remember five batches of a producer to keep their order");
        settings.require(
                settings.number(RETRIES_CONFIG, Integer.MAX_VALUE) > 0,
                RETRIES_CONFIG,
                "at least 1, because the idempotent producer keeps order by retrying; limit the time by "
                        + DELIVERY_TIMEOUT_MS_CONFIG);
        settings.refuse(
                TRANSACTIONAL_ID_CONFIG,
                "a transaction of Kafka would hide messages that have been deleted from the outbox");
        settings.require(
                settings.number(MAX_BLOCK_MS_CONFIG, 0) == 0,
                MAX_BLOCK_MS_CONFIG,
                "0, because publishing must not block; use metadataTimeout of the builder");
        String bytes = "payload and key are published as the bytes that are stored";
        settings.allowOnly(KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class, bytes);
        settings.allowOnly(VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class, bytes);
    }

    private static void addDefaults(Settings settings) {
        settings.set(MAX_BLOCK_MS_CONFIG, 0);
        settings.byDefault(ACKS_CONFIG, "all");
        settings.byDefault(ENABLE_IDEMPOTENCE_CONFIG, true);
        settings.byDefault(LINGER_MS_CONFIG, 0);
        settings.byDefault(BATCH_SIZE_CONFIG, 64 * 1024);
        settings.byDefault(BUFFER_MEMORY_CONFIG, 64L * 1024 * 1024);
        long linger = settings.number(LINGER_MS_CONFIG, 0);
        long request = settings.number(REQUEST_TIMEOUT_MS_CONFIG, REQUEST_TIMEOUT_MS);
        // the larger of ours and what Kafka demands: delivery >= linger + request
        settings.byDefault(DELIVERY_TIMEOUT_MS_CONFIG, (int) Math.max(DELIVERY_TIMEOUT_MS, linger + request));
        long delivery = settings.number(DELIVERY_TIMEOUT_MS_CONFIG, DELIVERY_TIMEOUT_MS);
        settings.byDefault(REQUEST_TIMEOUT_MS_CONFIG, (int) Math.max(1, Math.min(request, delivery - linger)));
        settings.require(
                delivery >= linger + settings.number(REQUEST_TIMEOUT_MS_CONFIG, request),
                DELIVERY_TIMEOUT_MS_CONFIG,
                "at least " + LINGER_MS_CONFIG + " + " + REQUEST_TIMEOUT_MS_CONFIG);
    }

    /** Names the settings; their values may be passwords. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + new TreeSet<>(producer.keySet());
    }
}
