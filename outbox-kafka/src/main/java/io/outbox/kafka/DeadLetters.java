package io.outbox.kafka;

import io.outbox.consumer.internal.FailureText;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.jspecify.annotations.Nullable;

/**
 * Sets records aside in a dead-letter topic: key, value and headers byte for byte, with the reason and the place it came
 * from in more headers. The producer is made for the first one. Thread-safe.
 */
final class DeadLetters {
    static final String REASON = "dl_reason";
    static final String ATTEMPTS = "dl_attempts";
    static final String TOPIC = "dl_topic";
    static final String PARTITION = "dl_partition";
    static final String OFFSET = "dl_offset";

    private final Supplier<Producer<byte[], byte[]>> producers;
    private final UnaryOperator<String> topics;
    /** Guarded by this. */
    private @Nullable Producer<byte[], byte[]> producer;

    private boolean closed;

    DeadLetters(Supplier<Producer<byte[], byte[]>> producers, UnaryOperator<String> topics) {
        this.producers = producers;
        this.topics = topics;
    }

    String topicFor(ConsumerRecord<byte[], byte[]> record) {
        return topics.apply(record.topic());
    }

    /**
     * Writes a record to its dead-letter topic and waits until the brokers have it.
     *
     * @throws KafkaException when they do not take it; it may have been written nevertheless
     */
    void add(ConsumerRecord<byte[], byte[]> record, Throwable reason, int attempts) {
        Headers headers = new RecordHeaders(record.headers().toArray());
        for (Map.Entry<String, String> header : List.of(
                Map.entry(REASON, FailureText.of(reason)),
                Map.entry(ATTEMPTS, Integer.toString(attempts)),
                Map.entry(TOPIC, record.topic()),
                Map.entry(PARTITION, Integer.toString(record.partition())),
                Map.entry(OFFSET, Long.toString(record.offset())))) {
            // a record that was driven again and failed again says so of the last time
            headers.remove(header.getKey());
            headers.add(header.getKey(), header.getValue().getBytes(StandardCharsets.UTF_8));
        }
        ProducerRecord<byte[], byte[]> copy =
                new ProducerRecord<>(topicFor(record), null, null, record.key(), record.value(), headers);
        try {
            producer().send(copy).get();
        } catch (ExecutionException e) {
            discard(); // it may be beyond repair; the next record gets a new one
            throw e.getCause() instanceof KafkaException kafka ? kafka : new KafkaException(e.getCause());
        } catch (InterruptedException e) {
            throw new InterruptException(e); // sets the flag again
        }
    }

    private synchronized Producer<byte[], byte[]> producer() {
        if (closed) {
            throw new KafkaException("the consumer loop is closed");
        }
        Producer<byte[], byte[]> made = producer;
        if (made == null) {
            made = producers.get();
            producer = made;
        }
        return made;
    }

    private synchronized void discard() {
        if (producer != null) {
            producer.close(Duration.ZERO);
            producer = null;
        }
    }

    /** Closes the producer; every write was awaited, so nothing is outstanding. */
    synchronized void close() {
        closed = true;
        discard();
    }

    /** The name of a dead-letter topic: a group may have characters that a topic may not. */
    static String defaultTopic(String topic, String group) {
        return topic + "." + group.replaceAll("[^a-zA-Z0-9._-]", "_") + ".dead-letter";
    }
}
