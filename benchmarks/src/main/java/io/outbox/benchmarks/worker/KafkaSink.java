package io.outbox.benchmarks.worker;

import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/** A plain idempotent producer. */
final class KafkaSink implements Sink {
    private final KafkaProducer<String, byte[]> producer;

    KafkaSink(String bootstrapServers, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("acks", "all", "enable.idempotence", true));
        all.putAll(settings);
        all.put("bootstrap.servers", bootstrapServers);
        producer = new KafkaProducer<>(all, new StringSerializer(), new ByteArraySerializer());
    }

    @Override
    public void send(String topic, String key, String id, byte[] payload, Answer answer) {
        Future<RecordMetadata> unused =
                producer.send(record(topic, key, id, payload), (metadata, failure) -> answer.done(failure));
    }

    @Override
    public void sendAndWait(String topic, String key, String id, byte[] payload) throws InterruptedException {
        try {
            producer.send(record(topic, key, id, payload)).get();
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka refused message " + id, e.getCause());
        }
    }

    private static ProducerRecord<String, byte[]> record(String topic, String key, String id, byte[] payload) {
        ProducerRecord<String, byte[]> record = new ProducerRecord<>(topic, key, payload);
        record.headers().add("id", id.getBytes(StandardCharsets.UTF_8));
        return record;
    }

    @Override
    public void close() {
        producer.close();
    }
}
