package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.PublishOutcome.Published;
import io.outbox.spi.PublishOutcome.RejectedForGood;
import io.outbox.spi.PublishOutcome.RejectedForNow;
import io.outbox.spi.PublishOutcome.Unavailable;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.servers.TestServers;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the broker refuses, and what others notice of it: nothing. */
@Timeout(120)
class RabbitPublisherIT {
    private static final int MAX_MESSAGE = 1_000_000;

    private static Broker broker;

    private RabbitPublisher publisher;
    private Outcomes outcomes;

    @BeforeAll
    static void startBroker() {
        broker = new Broker(TestServers.newRabbit(Map.of("max_message_size", Integer.toString(MAX_MESSAGE))));
    }

    @AfterAll
    static void stopBroker() {
        broker.server().close();
    }

    @BeforeEach
    void open() {
        publisher = RabbitPublisher.builder(broker.uri()).source("/shop").build();
        outcomes = new Outcomes(publisher);
    }

    @AfterEach
    void close() {
        publisher.close();
    }

    @Test
    void publish_writesACloudEvent() {
        String queue = broker.queue(Map.of());
        outcomes.publish(Samples.message(
                queue,
                "k1",
                "id-1",
                new byte[] {1, 2},
                Map.of(
                        "traceparent", "00-1-2-01",
                        "cloudEvents:source", "/forged",
                        "cloudEvents:subject", "mine",
                        "größe", "ü")));

        GetResponse got = broker.take(queue, 1).get(0);

        BasicProperties properties = got.getProps();
        Map<String, String> headers = new HashMap<>();
        properties.getHeaders().forEach((name, value) -> headers.put(name, value.toString()));
        assertThat(headers)
                .isEqualTo(Map.of(
                        "traceparent", "00-1-2-01",
                        "größe", "ü",
                        "cloudEvents:specversion", "1.0",
                        "cloudEvents:id", "id-1",
                        "cloudEvents:type", "order.paid",
                        "cloudEvents:source", "/shop",
                        "cloudEvents:time", "2026-03-01T10:20:30.123456Z",
                        "cloudEvents:partitionkey", "k1"));
        assertThat(properties.getMessageId()).isEqualTo("id-1");
        assertThat(properties.getType()).isEqualTo("order.paid");
        assertThat(properties.getContentType()).isEqualTo("application/json");
        assertThat(properties.getDeliveryMode()).isEqualTo(2);
        assertThat(properties.getTimestamp()).isEqualTo(new Date(1772360430000L));
        assertThat(got.getBody()).containsExactly(1, 2);
    }

    @Test
    void publish_withLongIdAndType_keepsThemInTheHeaders() {
        String queue = broker.queue(Map.of());
        String id = "ü".repeat(200);
        String type = "t".repeat(256);
        OutboxRecord record =
                new OutboxRecord(id, "default", queue, null, type, "text/plain", Map.of(), new byte[0], null);

        assertThat(outcomes.of(Samples.message(record))).isInstanceOf(Published.class);

        BasicProperties properties = broker.take(queue, 1).get(0).getProps();
        assertThat(properties.getHeaders().get("cloudEvents:id")).hasToString(id);
        assertThat(properties.getHeaders().get("cloudEvents:type")).hasToString(type);
        assertThat(properties.getMessageId()).isNull();
        assertThat(properties.getType()).isNull();
    }

    @Test
    void publish_toATopicExchange_isRoutedByTheKeyAfterTheSlash() {
        String exchange = broker.exchange("topic");
        String queue = broker.queueBoundTo(exchange, "order.*");

        assertThat(outcomes.of(exchange + "/order.paid")).isInstanceOf(Published.class);
        assertThat(outcomes.of(exchange + "/nobody.listens")).isInstanceOf(RejectedForNow.class);

        assertThat(broker.take(queue, 1)).hasSize(1);
    }

    @Test
    void publish_ofReturnedMessagesAmongOthers_tellsThemApart_thoughAllHaveOneId() {
        String exchange = broker.exchange("direct");
        String queue = broker.queueBoundTo(exchange, "bound");
        List<Boolean> expected = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            boolean routable = i % 3 != 1;
            expected.add(routable);
            outcomes.publish(exchange + (routable ? "/bound" : "/unbound"), "k", i % 2 == 0 ? "same" : "id" + i);
        }

        List<Boolean> published =
                outcomes.await().stream().map(Published.class::isInstance).toList();

        assertThat(published).isEqualTo(expected);
        assertThat(broker.take(queue, 200)).hasSize(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "quorum"})
    void publish_toAFullQueue_isRejectedForNow(String type) {
        String queue = broker.queue(Map.of("x-queue-type", type, "x-max-length", 5, "x-overflow", "reject-publish"));

        // a quorum queue refuses a little later than it is full
        await().atMost(Duration.ofSeconds(30)).until(() -> outcomes.of(queue) instanceof RejectedForNow);
        broker.take(queue, 5);
        await().atMost(Duration.ofSeconds(30)).until(() -> outcomes.of(queue) instanceof Published);
    }

    @Test
    void publish_toAMissingExchange_passesWhenItIsThere() {
        String exchange = Broker.name("later");
        assertThat(outcomes.of(exchange + "/k")).isInstanceOf(RejectedForNow.class);

        broker.use(channel -> channel.exchangeDeclare(exchange, "fanout", true));
        broker.queueBoundTo(exchange, "");

        await().atMost(Duration.ofSeconds(10)).until(() -> outcomes.of(exchange + "/k") instanceof Published);
    }

    @Test
    void exchangeDeletedUnderLoad_isRejectedForNow_andTheRestArrives() {
        String doomed = broker.exchange("fanout");
        broker.queueBoundTo(doomed, "");
        String healthy = broker.queue(Map.of());
        assertThat(outcomes.of(doomed + "/")).isInstanceOf(Published.class);

        List<PublishOutcome> unhealthy = publishAmongOthers(
                healthy,
                i -> Samples.message(doomed + "/", "k" + i, "u" + i),
                () -> broker.use(channel -> channel.exchangeDelete(doomed)));

        assertThat(unhealthy).hasOnlyElementsOfTypes(Published.class, RejectedForNow.class);
        assertThat(unhealthy.get(unhealthy.size() - 1)).isInstanceOf(RejectedForNow.class);
    }

    @Test
    void forbiddenExchange_isRejectedForGood_andTheRestArrives() {
        String forbidden = broker.exchange("fanout");
        broker.queueBoundTo(forbidden, "");
        String healthy = broker.queue(Map.of());
        broker.server().rabbitmqctl("add_user", "limited", "secret");
        broker.server().rabbitmqctl("set_permissions", "limited", "", "amq\\.default", "");
        publisher.close();
        URI uri = broker.server().uri();
        publisher = RabbitPublisher.builder("amqp://limited:secret@" + uri.getHost() + ":" + uri.getPort())
                .build();
        long threads = threadsOfTheClient();

        List<PublishOutcome> refused =
                publishAmongOthers(healthy, i -> Samples.message(forbidden + "/", "k" + i, "u" + i), () -> {});

        assertThat(refused).hasOnlyElementsOfType(RejectedForGood.class);
        await().untilAsserted(() -> assertThat(threadsOfTheClient()).isLessThan(threads + 5));
    }

    @Test
    void messagesThatTheBrokerRefuses_areRejectedForGood_andTheRestArrives() {
        String healthy = broker.queue(Map.of());

        long threads = threadsOfTheClient();

        List<PublishOutcome> refused = publishAmongOthers(
                healthy,
                i -> switch (i % 3) {
                    case 0 -> Samples.message(healthy, "k1", "large" + i, new byte[MAX_MESSAGE + 1], Map.of());
                    case 1 -> Samples.message(healthy, "k2", "cc" + i, new byte[1], Map.of("CC", "not a list"));
                    default -> Samples.message(healthy, "k2", "name" + i, new byte[1], Map.of("n".repeat(256), ""));
                },
                () -> {});

        assertThat(refused).hasOnlyElementsOfType(RejectedForGood.class);
        await().untilAsserted(() -> assertThat(threadsOfTheClient()).isLessThan(threads + 5));
    }

    /** Which has no better name for them. */
    private static long threadsOfTheClient() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("pool-"))
                .count();
    }

    @Test
    void headersOverAFrame_areRejectedForGood() {
        String queue = broker.queue(Map.of());

        assertThat(outcomes.of(Samples.message(queue, "k", "big", new byte[1], Map.of("h", "x".repeat(200_000)))))
                .isInstanceOf(RejectedForGood.class);
        assertThat(outcomes.of(queue)).isInstanceOf(Published.class);
    }

    @Test
    void publish_reachesAVirtualHost_andAnotherHostWhenOneIsAway() throws Exception {
        URI vhost = broker.server().createVhost("other/place");
        String queue = Broker.name("q");
        broker.use(vhost, channel -> channel.queueDeclare(queue, true, false, false, Map.of()));
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(vhost);
        try (RabbitPublisher there = RabbitPublisher.builder(factory)
                .addresses(List.of(new Address("127.0.0.1", 1), new Address(vhost.getHost(), vhost.getPort())))
                .build()) {
            assertThat(new Outcomes(there).of(queue)).isInstanceOf(Published.class);
        }
    }

    @Test
    void publish_withAWrongPassword_isUnavailable() {
        URI uri = broker.server().uri();
        try (RabbitPublisher stranger = RabbitPublisher.builder(
                        "amqp://guest:wrong@" + uri.getHost() + ":" + uri.getPort())
                .build()) {
            assertThat(new Outcomes(stranger).of("q")).isInstanceOf(Unavailable.class);
        }
    }

    /**
     * Publishes to a healthy queue all the time and something else now and then, as a relay does: what was unavailable comes
     * again. Returns the outcomes of the latter.
     */
    private List<PublishOutcome> publishAmongOthers(
            String healthy, IntFunction<StoredMessage> other, Runnable halfway) {
        int messages = 2_000;
        int others = 6;
        List<StoredMessage> waiting = new ArrayList<>();
        Map<String, PublishOutcome> ends = new HashMap<>();
        List<String> unhealthy = new ArrayList<>();
        for (int i = 0; i < messages; i++) {
            waiting.add(Samples.message(healthy, "k" + i % 100, "m" + i));
            if (i % (messages / others) == 0 && unhealthy.size() < others) {
                StoredMessage message = other.apply(unhealthy.size());
                unhealthy.add(message.message().messageId());
                waiting.add(message);
            }
            if (i == messages / 2) {
                waiting = publish(waiting, ends);
                halfway.run();
            }
        }
        for (int round = 0; round < 100 && !waiting.isEmpty(); round++) {
            waiting = publish(waiting, ends);
        }

        assertThat(waiting).isEmpty();
        assertThat(broker.takeIds(healthy, messages).stream()
                        .filter(id -> id.startsWith("m"))
                        .distinct())
                .hasSize(messages);
        return unhealthy.stream().map(ends::get).toList();
    }

    /** Publishes messages and returns those that were unavailable. */
    private List<StoredMessage> publish(List<StoredMessage> messages, Map<String, PublishOutcome> ends) {
        Outcomes all = new Outcomes(publisher);
        messages.forEach(all::publish);
        List<PublishOutcome> told = all.await();
        List<StoredMessage> again = new ArrayList<>();
        for (int i = 0; i < told.size(); i++) {
            if (told.get(i) instanceof Unavailable) {
                again.add(messages.get(i));
            } else {
                ends.put(messages.get(i).message().messageId(), told.get(i));
            }
        }
        return again;
    }
}
