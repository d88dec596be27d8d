package io.outbox.kafka;

import static java.util.Objects.requireNonNull;

import io.outbox.internal.Durations;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.net.URI;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.CommonClientConfigs;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;

/**
 * Publishes messages to Kafka: the destination is the topic, the key chooses the partition.
 *
 * <p>Order: the messages of a key reach their topic in the order published, also across retries, a broker's restart and a
 * producer that gave up; after a failure some may arrive twice. Messages without a key have no order.
 *
 * <p>On the wire: CloudEvents 1.0, binary mode. Headers {@code ce_specversion}, {@code ce_id}, {@code ce_type},
 * {@code ce_source}, {@code ce_time} and {@code content-type} come from the message; its own headers follow as they are,
 * in UTF-8. A header of the user with one of these six names is left out; other {@code ce_} names are CloudEvents extension attributes
 * and pass. The record's timestamp is the time of publication, so that a backlog does not fall under the topic's retention.
 *
 * <p>What fails: a topic that does not exist is rejected for now, after {@link Builder#metadataTimeout}; a record that is
 * too large, an invalid topic name or a topic that may not be written is rejected for good; brokers that do not answer, a
 * failed login and a record that the producer gives up after {@code delivery.timeout.ms} are unavailability: of the destination
 * when others are served or the cluster says so, else of the channel.
 *
 * <p>Thread-safe. Never waits in {@link #publish}: a daemon thread {@code outbox-kafka-n} makes the producer and keeps
 * messages that cannot be sent yet.
 */
public final class KafkaPublisher implements Publisher {
    private final RecordEncoder encoder;
    private final Dispatcher dispatcher;

    private KafkaPublisher(Builder builder) {
        PublisherSettings settings =
                PublisherSettings.of(builder.settings, builder.metadataTimeout, builder.closeTimeout);
        encoder = new RecordEncoder(builder.source);
        dispatcher = new Dispatcher(settings, forSuspects -> producer(settings, forSuspects), System::nanoTime);
    }

    private static Producer<byte[], byte[]> producer(PublisherSettings settings, boolean forSuspects) {
        Map<String, Object> config = new HashMap<>(settings.producer());
        if (forSuspects) {
            // Kafka's metrics are registered by client id
            config.computeIfPresent(ProducerConfig.CLIENT_ID_CONFIG, (name, id) -> id + "-suspects");
        }
        return new KafkaProducer<>(config);
    }

    /**
     * Starts a publisher with Kafka's producer settings. They pass through, but for those that would break a guarantee:
     * {@link Builder#build()} refuses {@code acks} other than {@code all}, {@code enable.idempotence=false}, {@code retries=0}, more than
     * 5 {@code max.in.flight.requests.per.connection}, a {@code transactional.id}, other serializers than those for bytes, and {@code max.block.ms}.
     * Defaults that differ from Kafka's: {@code delivery.timeout.ms} 30 s, {@code request.timeout.ms} 10 s, {@code linger.ms} 0,
     * {@code batch.size} 64 KiB, {@code buffer.memory} 64 MiB.
     *
     * @param settings at least {@code bootstrap.servers}
     * @return a new builder
     */
    public static Builder builder(Map<String, ?> settings) {
        return new Builder(settings);
    }

    /**
     * Starts a publisher with default settings.
     *
     * @param bootstrapServers {@code host:port}, several separated by commas
     * @return a new builder
     */
    public static Builder builder(String bootstrapServers) {
        requireNonNull(bootstrapServers, "bootstrapServers");
        return new Builder(Map.of(CommonClientConfigs.BOOTSTRAP_SERVERS_CONFIG, bootstrapServers));
    }

    @Override
    public void publish(StoredMessage message, Confirmation confirmation) {
        requireNonNull(confirmation, "confirmation");
        String key = message.message().key();
        dispatcher.publish(
                message, key == null ? null : RecordEncoder.bytes(key), encoder.headers(message), confirmation);
    }

    /** Returns true. */
    @Override
    public boolean keepsOrder() {
        return true;
    }

    /**
     * Closes the producer. Waits up to {@link Builder#closeTimeout} for answers that are outstanding; what is then without
     * one, and what was never sent, ends as unavailable.
     */
    @Override
    public void close() {
        dispatcher.close();
    }

    /** Builds a {@link KafkaPublisher}; confined to one thread. */
    public static final class Builder {
        private final Map<String, ?> settings;
        private String source = "/outbox";
        private Duration metadataTimeout = Duration.ofSeconds(10);
        private Duration closeTimeout = Duration.ofSeconds(2);

        private Builder(Map<String, ?> settings) {
            this.settings = new HashMap<>(requireNonNull(settings, "settings"));
        }

        /**
         * Sets the sender's name, the CloudEvents attribute {@code source}. Default: {@code /outbox}.
         *
         * @param source a URI reference, for example {@code /orders}; not blank
         * @return this builder
         */
        public Builder source(String source) {
            if (requireNonNull(source, "source").isBlank()) {
                throw new IllegalArgumentException("source must not be blank");
            }
            URI.create(source);
            this.source = source;
            return this;
        }

        /**
         * Sets how long messages wait for the metadata of their topic, before they are rejected for now (the topic does not
         * exist) or unavailable (no broker answers). When a topic was unknown the last time, its next messages wait 1 s at most.
         *
         * @param metadataTimeout above zero; default 10 s
         * @return this builder
         */
        public Builder metadataTimeout(Duration metadataTimeout) {
            this.metadataTimeout = Durations.positive("metadataTimeout", metadataTimeout);
            return this;
        }

        /**
         * Sets how long {@link KafkaPublisher#close()} waits for outstanding answers.
         *
         * @param closeTimeout zero or more; default 2 s
         * @return this builder
         */
        public Builder closeTimeout(Duration closeTimeout) {
            this.closeTimeout = Durations.notNegative("closeTimeout", closeTimeout);
            return this;
        }

        /**
         * Makes the publisher. Contacts no broker: the first message does.
         *
         * @return a thread-safe publisher
         * @throws IllegalArgumentException for a setting that Kafka refuses, or that would break a guarantee; the text says
         *     which and why
         */
        public KafkaPublisher build() {
            return new KafkaPublisher(this);
        }
    }
}
