package io.outbox.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;

class KafkaServerIT extends TestServerContract<KafkaServer> {

    private static final Duration LIMIT = Duration.ofSeconds(8);
    private static final int PARTITIONS = 3;

    @Override
    KafkaServer create() {
        return TestServers.newKafka(Map.of("message.max.bytes", "2000000"));
    }

    @Override
    void prepare() {
        server.createTopic("kept", PARTITIONS);
    }

    @Override
    void write(String value) {
        Map<String, Object> settings = Map.of("bootstrap.servers", server.bootstrapServers());
        try (Producer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            within(
                    LIMIT,
                    () -> producer.send(new ProducerRecord<>("kept", value)).get());
        }
    }

    @Override
    List<String> read() {
        return within(LIMIT, this::readAll);
    }

    @Test
    void transactions_work() {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", server.bootstrapServers(), "transactional.id", "test", "max.block.ms", "8000");
        try (Producer<String, String> producer =
                new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.initTransactions();
            producer.beginTransaction();
            producer.send(new ProducerRecord<>("kept", "in a transaction"));
            producer.commitTransaction();
        }

        // the commit is decided before its markers reach the partitions
        await().atMost(LIMIT).untilAsserted(() -> assertThat(read()).contains("in a transaction"));
    }

    @Test
    void createTopic_refusesOneThatExists() {
        assertThatThrownBy(() -> server.createTopic("kept", 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("TopicExistsException");
    }

    @Test
    void aServerBehindAProxy_tellsItsClientsTheProxysAddress() {
        List<String> own = new CopyOnWriteArrayList<>();
        try (KafkaServer behind = TestServers.newKafka(Map.of(), address -> {
                    own.add(address);
                    return address.replace("127.0.0.1", "localhost");
                });
                Admin admin = Admin.create(Map.of("bootstrap.servers", behind.bootstrapServers()))) {
            Node node = within(LIMIT, () -> admin.describeCluster().controller().get());

            assertThat(own).contains(behind.bootstrapServers());
            assertThat(node.host()).isEqualTo("localhost");
        }
    }

    private List<String> readAll() {
        Map<String, Object> settings =
                Map.of("bootstrap.servers", server.bootstrapServers(), "isolation.level", "read_committed");
        List<TopicPartition> all = IntStream.range(0, PARTITIONS)
                .mapToObj(partition -> new TopicPartition("kept", partition))
                .toList();
        List<String> values = new ArrayList<>();
        try (Consumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(all);
            consumer.seekToBeginning(all);
            Map<TopicPartition, Long> ends = consumer.endOffsets(all);
            while (ends.entrySet().stream().anyMatch(end -> consumer.position(end.getKey()) < end.getValue())) {
                for (ConsumerRecord<String, String> message : consumer.poll(Duration.ofMillis(100))) {
                    values.add(message.value());
                }
            }
        }
        return values;
    }
}
