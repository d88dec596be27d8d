package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.ConnectionFactory;
import io.outbox.MessageTypes;
import io.outbox.consumer.TypedHandlers;
import io.outbox.spi.PublishOutcome.Unavailable;
import io.outbox.testkit.internal.CapturedLogs;
import io.outbox.testkit.servers.TestServers;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Payloads, header values and passwords stay out of the logs of consumers and publishers, and out of dead letters' reasons. */
@Timeout(120)
class SecretsIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final String SECRET = "s3cret-4711";

    record Paid(int order) {}

    private final Broker rabbit = new Broker(TestServers.rabbit());
    private final Inbox inbox = new Inbox();
    private final String queue = rabbit.queue(Map.of("x-queue-type", "quorum"));
    private final String deadQueue = queue + ".billing.dead-letter";

    @AfterEach
    void close() {
        inbox.close();
    }

    @Test
    void aConsumerThatFailsInEveryWay_tellsNoPayloadsAndNoHeaders() throws Exception {
        TypedHandlers<Connection> handlers = TypedHandlers.<Connection>builder(
                        MessageTypes.builder().add("order.paid", Paid.class).build())
                .on(Paid.class, (connection, paid, message) -> {
                    if (paid.order() == 1) {
                        throw new IllegalStateException("no good");
                    }
                    Inbox.effect(connection, message);
                })
                .build();
        try (CapturedLogs logs = new CapturedLogs();
                RabbitConsumerLoop loop = loop(factory(rabbit.server().password()), handlers)) {
            send("1", "order.paid", "{\"order\":1,\"card\":\"" + SECRET + "\"}");
            send("2", "order.paid", "{\"order\":\"" + SECRET + "\"}");
            send("3", "order.paid", SECRET);
            send("4", "order.burnt", SECRET);
            send("", "order.paid", SECRET);
            send("6", "order.paid", "{\"order\":6}");
            await().atMost(LIMIT)
                    .until(() -> logs.lines().stream().anyMatch(line -> line.contains("cannot be set aside")));
            rabbit.use(channel -> channel.queueDeclare(deadQueue, true, false, false, Map.of()));
            await().atMost(LIMIT)
                    .until(() -> inbox.ids().contains("6") && loop.counts().deadLetters() == 5);

            assertThat(logs.lines())
                    .anyMatch(line -> line.contains("was set aside"))
                    .noneMatch(line -> line.contains("4711"));
            assertThat(rabbit.take(deadQueue, 5))
                    .allSatisfy(dead -> assertThat(dead.getProps().getHeaders().get("dl_reason"))
                            .asString()
                            .isNotBlank()
                            .doesNotContain("4711"));
        }
    }

    @Test
    void aWrongPassword_isNotTold() throws Exception {
        ConnectionFactory wrong = factory(SECRET);
        try (CapturedLogs logs = new CapturedLogs();
                RabbitPublisher publisher = RabbitPublisher.builder(wrong).build();
                RabbitConsumerLoop loop = loop(wrong, (connection, message) -> {})) {
            Object outcome = new Outcomes(publisher).of(queue);

            assertThat(outcome).isInstanceOf(Unavailable.class);
            assertThat(outcome + " " + ((Unavailable) outcome).cause()).doesNotContain("4711");
            await().atMost(LIMIT)
                    .until(() -> logs.lines().stream().anyMatch(line -> line.contains("io.outbox.rabbit")));
            assertThat(loop.counts().handled()).isZero();
            assertThat(logs.lines()).noneMatch(line -> line.contains("4711"));
        }
    }

    private RabbitConsumerLoop loop(
            ConnectionFactory factory, io.outbox.consumer.MessageHandler<Connection, ? extends Exception> handler) {
        RabbitConsumerLoop loop = RabbitConsumerLoop.builder(
                        factory, List.of(queue), inbox.consumer("billing"), handler)
                .maxAttempts(2)
                .retryDelays(Duration.ofMillis(5), Duration.ofMillis(50))
                .build();
        loop.start();
        return loop;
    }

    private ConnectionFactory factory(String password) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(rabbit.server().uri());
        factory.setPassword(password);
        return factory;
    }

    private void send(String id, String type, String payload) {
        rabbit.use(channel -> {
            channel.confirmSelect();
            BasicProperties properties = new BasicProperties.Builder()
                    .messageId(id)
                    .type(type)
                    .headers(Map.of("authorization", SECRET))
                    .build();
            channel.basicPublish("", queue, properties, payload.getBytes(StandardCharsets.UTF_8));
            return channel.waitForConfirms(10_000);
        });
    }
}
