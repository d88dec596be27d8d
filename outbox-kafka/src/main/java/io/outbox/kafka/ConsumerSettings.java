package io.outbox.kafka;

import static org.apache.kafka.clients.consumer.ConsumerConfig.ALLOW_AUTO_CREATE_TOPICS_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.AUTO_OFFSET_RESET_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.BOOTSTRAP_SERVERS_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.CLIENT_ID_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.ENABLE_AUTO_COMMIT_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.GROUP_ID_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.GROUP_INSTANCE_ID_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.INTERCEPTOR_CLASSES_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.KEY_DESERIALIZER_CLASS_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.MAX_POLL_INTERVAL_MS_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.MAX_POLL_RECORDS_CONFIG;
import static org.apache.kafka.clients.consumer.ConsumerConfig.VALUE_DESERIALIZER_CLASS_CONFIG;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeSet;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * The consumer's settings: the user's, less those that would break a guarantee, and our defaults. Immutable.
 *
 * @param consumer what the consumers are made with
 * @param groupId the Kafka consumer group
 * @param maxPollInterval how long a consumer may be away from the brokers before its partitions are given to others
 * @param maxPollRecords how many records a poll returns at most
 */
record ConsumerSettings(Map<String, Object> consumer, String groupId, Duration maxPollInterval, int maxPollRecords) {
    private static final long MAX_POLL_INTERVAL_MS = 300_000;
    private static final int DEAD_LETTER_MS = 30_000;

    static ConsumerSettings of(Map<String, ?> given, String defaultGroup) {
        Settings settings = new Settings(given);
        if (!settings.has(BOOTSTRAP_SERVERS_CONFIG)) {
            throw new IllegalArgumentException(BOOTSTRAP_SERVERS_CONFIG + " is missing");
        }
        settings.require(
                !"true".equalsIgnoreCase(settings.text(ENABLE_AUTO_COMMIT_CONFIG)),
                ENABLE_AUTO_COMMIT_CONFIG,
                "false, because an offset goes on only after the database has committed");
        String bytes = "records are decoded by the loop, so that one that cannot be decoded becomes a dead letter";
        settings.allowOnly(KEY_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class, bytes);
        settings.allowOnly(VALUE_DESERIALIZER_CLASS_CONFIG, ByteArrayDeserializer.class, bytes);
        settings.set(ENABLE_AUTO_COMMIT_CONFIG, false);
        settings.byDefault(GROUP_ID_CONFIG, defaultGroup);
        // Kafka's default, latest, would skip what was published before the group's first start
        settings.byDefault(AUTO_OFFSET_RESET_CONFIG, "earliest");
        settings.byDefault(ALLOW_AUTO_CREATE_TOPICS_CONFIG, false);
        Map<String, Object> consumer = settings.toMap();
        try {
            new ConsumerConfig(consumer);
        } catch (KafkaException e) {
            throw new IllegalArgumentException("Kafka refuses the consumer's settings: " + e.getMessage(), e);
        }
        return new ConsumerSettings(
                consumer,
                String.valueOf(consumer.get(GROUP_ID_CONFIG)),
                Duration.ofMillis(settings.number(MAX_POLL_INTERVAL_MS_CONFIG, MAX_POLL_INTERVAL_MS)),
                (int) settings.number(MAX_POLL_RECORDS_CONFIG, ConsumerConfig.DEFAULT_MAX_POLL_RECORDS));
    }

    /** The settings of one of several consumers: Kafka's metrics and static membership want a name for each. */
    Map<String, Object> ofConsumer(int number, int of) {
        Map<String, Object> own = new HashMap<>(consumer);
        if (of > 1) {
            own.computeIfPresent(CLIENT_ID_CONFIG, (name, id) -> id + "-" + number);
            own.computeIfPresent(GROUP_INSTANCE_ID_CONFIG, (name, id) -> id + "-" + number);
        }
        return own;
    }

    /** Settings for the producer of dead letters: how to reach the brokers as the consumer does, and no more. */
    Map<String, Object> forDeadLetters() {
        Map<String, Object> producer = new HashMap<>(consumer);
        producer.keySet().retainAll(ProducerConfig.configNames());
        producer.remove(INTERCEPTOR_CLASSES_CONFIG);
        producer.computeIfPresent(CLIENT_ID_CONFIG, (name, id) -> id + "-dead-letter");
        int limit = (int) Math.min(DEAD_LETTER_MS, Math.max(1, maxPollInterval.toMillis() / 4));
        producer.put(ProducerConfig.ACKS_CONFIG, "all");
        producer.put(ProducerConfig.LINGER_MS_CONFIG, 0);
        producer.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, limit);
        producer.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, limit);
        producer.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, Math.max(1, limit / 2));
        producer.put(ProducerConfig.MAX_REQUEST_SIZE_CONFIG, Integer.MAX_VALUE);
        producer.put(ProducerConfig.KEY_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        producer.put(ProducerConfig.VALUE_SERIALIZER_CLASS_CONFIG, ByteArraySerializer.class.getName());
        return producer;
    }

    /** Names the settings; their values may be passwords. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + new TreeSet<>(consumer.keySet());
    }
}
