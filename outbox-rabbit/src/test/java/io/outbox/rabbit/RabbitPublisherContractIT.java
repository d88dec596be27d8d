package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.PublisherContract;
import io.outbox.testkit.PublisherFixture;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The RabbitMQ publisher passes the test kit's suite on a real RabbitMQ. */
class RabbitPublisherContractIT extends PublisherContract {
    private static RabbitServer rabbit;

    @BeforeAll
    static void startRabbit() {
        rabbit = TestServers.newRabbit(Map.of());
    }

    @AfterAll
    static void stopRabbit() {
        rabbit.close();
    }

    @Override
    protected PublisherFixture fixture() {
        return new Fixture(RabbitPublisher.builder(rabbit.uri().toString())
                .confirmTimeout(Duration.ofSeconds(10))
                .build());
    }

    @Test
    void publish_toAQueueThatIsFull_isRejectedForNow() throws Exception {
        String queue = "full-" + UUID.randomUUID();
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare(queue, true, false, false, Map.of("x-max-length", 1, "x-overflow", "reject-publish"));
        }
        try (RabbitPublisher publisher =
                RabbitPublisher.builder(rabbit.uri().toString()).build()) {
            assertThat(publish(publisher, queue)).isInstanceOf(PublishOutcome.Published.class);
            assertThat(publish(publisher, queue)).isInstanceOf(PublishOutcome.RejectedForNow.class);
        }
    }

    @Test
    void publish_toAQuorumQueue_isAcknowledged() throws Exception {
        String queue = "quorum-" + UUID.randomUUID();
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare(queue, true, false, false, Map.of("x-queue-type", "quorum"));
        }
        try (RabbitPublisher publisher =
                RabbitPublisher.builder(rabbit.uri().toString()).build()) {
            assertThat(publish(publisher, queue)).isInstanceOf(PublishOutcome.Published.class);
        }
    }

    @Test
    void publish_toAMissingExchange_isRejectedForNow_untilItIsThere() throws Exception {
        String exchange = "x-" + UUID.randomUUID();
        try (RabbitPublisher publisher =
                        RabbitPublisher.builder(rabbit.uri().toString()).build();
                Connection connection = connect();
                Channel channel = connection.createChannel()) {
            assertThat(publish(publisher, exchange + "/a.b")).isInstanceOf(PublishOutcome.RejectedForNow.class);
            channel.exchangeDeclare(exchange, "topic", true);
            String queue = channel.queueDeclare().getQueue();
            channel.queueBind(queue, exchange, "a.*");
            assertThat(publish(publisher, exchange + "/a.b")).isInstanceOf(PublishOutcome.Published.class);
            assertThat(publish(publisher, exchange + "/nobody")).isInstanceOf(PublishOutcome.RejectedForNow.class);
        }
    }

    @Test
    void publish_whileTheBrokerHasAnAlarm_isUnavailable_andPassesAfterwards() {
        String queue = new Fixture(null).newDestination();
        try (RabbitPublisher publisher = RabbitPublisher.builder(rabbit.uri().toString())
                .confirmTimeout(Duration.ofSeconds(2))
                .build()) {
            assertThat(publish(publisher, queue)).isInstanceOf(PublishOutcome.Published.class);
            rabbit.rabbitmqctl("set_vm_memory_high_watermark", "0");
            try {
                assertThat(publish(publisher, queue)).isInstanceOf(PublishOutcome.Unavailable.class);
            } finally {
                rabbit.rabbitmqctl("set_vm_memory_high_watermark", "0.6");
            }
            await().atMost(Duration.ofSeconds(30))
                    .until(() -> publish(publisher, queue) instanceof PublishOutcome.Published);
        }
    }

    private static PublishOutcome publish(RabbitPublisher publisher, String destination) {
        OutboxRecord record = new OutboxRecord(
                UUID.randomUUID().toString(), "default", destination, "k", "t", "c", Map.of(), new byte[3], null);
        CompletableFuture<PublishOutcome> outcome = new CompletableFuture<>();
        publisher.publish(new StoredMessage(1, 1, Instant.EPOCH, 1, 3, record), outcome::complete);
        await().atMost(Duration.ofSeconds(30)).until(outcome::isDone);
        return outcome.join();
    }

    private static Connection connect() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(rabbit.uri());
        return factory.newConnection();
    }

    private record Fixture(RabbitPublisher publisher) implements PublisherFixture {
        @Override
        public String newDestination() {
            String queue = "q-" + UUID.randomUUID();
            try (Connection connection = connect();
                    Channel channel = connection.createChannel()) {
                channel.queueDeclare(queue, true, false, false, Map.of());
                return queue;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public String unknownDestination() {
            return "nowhere-" + UUID.randomUUID();
        }

        @Override
        public List<ReceivedMessage> received(String destination, int atLeast) {
            List<ReceivedMessage> all = new ArrayList<>();
            try (Connection connection = connect();
                    Channel channel = connection.createChannel()) {
                await().atMost(Duration.ofSeconds(60)).until(() -> {
                    for (GetResponse got = channel.basicGet(destination, false);
                            got != null;
                            got = channel.basicGet(destination, false)) {
                        all.add(received(destination, got));
                    }
                    return all.size() >= atLeast;
                });
                return all;
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        private static ReceivedMessage received(String destination, GetResponse got) {
            BasicProperties properties = got.getProps();
            Map<String, String> headers = new HashMap<>();
            properties.getHeaders().forEach((name, value) -> headers.put(name, value.toString()));
            assertThat(headers).containsEntry("cloudEvents:id", properties.getMessageId());
            assertThat(properties.getDeliveryMode()).isEqualTo(2);
            return new ReceivedMessage(
                    properties.getMessageId(),
                    destination,
                    headers.get("cloudEvents:partitionkey"),
                    headers.get("cloudEvents:type"),
                    headers.get("cloudEvents:source"),
                    properties.getContentType(),
                    Instant.parse(headers.get("cloudEvents:time")),
                    headers,
                    got.getBody(),
                    1);
        }

        @Override
        public int tooLarge() {
            return 16 * 1024 * 1024 + 1;
        }

        @Override
        public void stopBroker() {
            rabbit.kill();
        }

        @Override
        public void startBroker() {
            rabbit.start();
        }

        @Override
        public void close() {
            publisher.close();
        }
    }
}
