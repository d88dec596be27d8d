package io.outbox.benchmarks.contenders;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/** Where a hand-written consumer gets its messages from. Confined to one thread. */
interface Incoming extends AutoCloseable {
    int BATCH = 200;
    Duration POLL = Duration.ofMillis(50);

    /** A message. */
    record Item(String id, byte[] payload) {}

    /** Returns the next ones, at most a batch, or none for now. */
    List<Item> next() throws Exception;

    /** The last ones are done. */
    void done() throws Exception;

    @Override
    void close();

    /** Reads a topic. */
    static Incoming kafka(String bootstrapServers, String topic) {
        KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(
                Map.of(
                        "bootstrap.servers",
                        bootstrapServers,
                        "group.id",
                        "bench-" + topic,
                        "auto.offset.reset",
                        "earliest",
                        "enable.auto.commit",
                        "false",
                        "max.poll.records",
                        BATCH),
                new ByteArrayDeserializer(),
                new ByteArrayDeserializer());
        consumer.subscribe(List.of(topic));
        return new Incoming() {
            @Override
            public List<Item> next() {
                List<Item> items = new ArrayList<>();
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
                    items.add(new Item(record.partition() + "-" + record.offset(), record.value()));
                }
                return items;
            }

            @Override
            public void done() {
                consumer.commitAsync();
            }

            @Override
            public void close() {
                consumer.close();
            }
        };
    }

    /** Reads a queue. */
    static Incoming rabbit(String uri, String queue) throws IOException {
        BlockingQueue<Delivery> deliveries = new LinkedBlockingQueue<>();
        Connection connection;
        Channel channel;
        try {
            ConnectionFactory factory = new ConnectionFactory();
            factory.setUri(uri);
            connection = factory.newConnection("bench");
            channel = connection.createChannel();
            channel.basicQos(5 * BATCH);
            channel.basicConsume(queue, false, (tag, delivery) -> deliveries.add(delivery), tag -> {});
        } catch (TimeoutException | GeneralSecurityException | URISyntaxException e) {
            throw new IOException(e);
        }
        return new Incoming() {
            private long last;

            @Override
            public List<Item> next() throws InterruptedException {
                List<Delivery> taken = new ArrayList<>();
                Delivery first = deliveries.poll(POLL.toMillis(), TimeUnit.MILLISECONDS);
                if (first != null) {
                    taken.add(first);
                    deliveries.drainTo(taken, BATCH - 1);
                    last = taken.get(taken.size() - 1).getEnvelope().getDeliveryTag();
                }
                return taken.stream()
                        .map(delivery -> new Item(delivery.getProperties().getMessageId(), delivery.getBody()))
                        .toList();
            }

            @Override
            public void done() throws IOException {
                channel.basicAck(last, true);
            }

            @Override
            public void close() {
                connection.abort();
            }
        };
    }
}
