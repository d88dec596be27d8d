package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.internal.CapturedLogs;
import io.outbox.testkit.servers.TestServers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What others send to a queue, straight to a loop on a real RabbitMQ: set aside with a reason, and the loop goes on. */
@Timeout(120)
class GarbageDeliveriesIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);

    private final Broker rabbit = new Broker(TestServers.rabbit());
    private final Inbox inbox = new Inbox();
    private final String queue = rabbit.queue(Map.of("x-queue-type", "quorum"));
    private final String deadQueue = queue + ".billing.dead-letter";
    private final RabbitConsumerLoop loop = loop();

    private RabbitConsumerLoop loop() {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(rabbit.server().uri());
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
        RabbitConsumerLoop made = RabbitConsumerLoop.builder(
                        factory, List.of(queue), inbox.consumer("billing"), (connection, message) -> {
                            if (message.id().startsWith("poison")) {
                                throw new IllegalStateException("no good");
                            }
                            Inbox.effect(connection, message);
                        })
                .maxAttempts(2)
                .retryDelays(Duration.ofMillis(5), Duration.ofMillis(20))
                .declareQueues()
                .build();
        made.start();
        return made;
    }

    @AfterEach
    void close() {
        loop.close();
        inbox.close();
    }

    @Test
    void headersOfAnyKind_areSetAsideOrHandled_andTheLoopGoesOn() {
        Random random = new Random(7);
        int garbage = 200;
        for (int i = 0; i < garbage; i++) {
            send(new BasicProperties.Builder().headers(anyHeaders(random)).build());
        }
        Map<String, Object> nullId = new HashMap<>();
        nullId.put("cloudEvents:id", null);
        send(new BasicProperties.Builder().headers(nullId).build());
        send(new BasicProperties.Builder().headers(nullId).messageId("fine").build());
        send(new BasicProperties.Builder().messageId("last").build());

        await().atMost(LIMIT).until(() -> inbox.ids().containsAll(List.of("fine", "last")));
        await().atMost(LIMIT)
                .until(() -> loop.counts().handled()
                                + loop.counts().duplicates()
                                + loop.counts().deadLetters()
                        == garbage + 3);
        assertThat(inbox.ids()).doesNotContain("null");
        assertThat(rabbit.take(deadQueue, (int) loop.counts().deadLetters()))
                .allSatisfy(dead -> assertThat(dead.getProps().getHeaders().get("dl_reason"))
                        .asString()
                        .isNotBlank());
    }

    /** A copy has more headers than the delivery; the client refuses to send what does not fit into a frame. */
    @Test
    void headersThatFillAFrame_areSetAsideWithoutTheLongest() {
        Map<String, Object> headers = new HashMap<>();
        headers.put("longest", "x".repeat(100_000));
        headers.put("long", "y".repeat(30_950));
        headers.put("short", "z");
        send(new BasicProperties.Builder().messageId("poison").headers(headers).build());
        send(new BasicProperties.Builder().messageId("after").build());

        GetResponse dead = rabbit.take(deadQueue, 1).get(0);

        assertThat(dead.getProps().getHeaders())
                .containsKeys("long", "short", "dl_reason")
                .doesNotContainKey("longest")
                .hasEntrySatisfying("dl_left_out", names -> assertThat(names).hasToString("longest"));
        await().atMost(LIMIT).until(() -> inbox.ids().contains("after"));
    }

    @Test
    void copiesToOtherQueues_areNotRepeatedByTheDeadLetter() {
        String other = rabbit.queue(Map.of());
        send(new BasicProperties.Builder()
                .messageId("poison")
                .headers(Map.of("CC", List.of(other, queue)))
                .build());

        // the delivery and its CC to the same queue, which RabbitMQ routes once
        assertThat(rabbit.take(deadQueue, 1)).hasSize(1);
        send(new BasicProperties.Builder().messageId("after").build());
        await().atMost(LIMIT).until(() -> inbox.ids().contains("after"));
        assertThat(rabbit.takeIds(other, 1)).containsExactly("poison");
        assertThat(loop.counts().deadLetters()).isEqualTo(1);
    }

    /** RabbitMQ checks the property user-id of what is published: a loop under another name could not copy it. */
    @Test
    void messagesInTheNameOfAnotherUser_areSetAside() {
        String sender = "sender" + System.identityHashCode(this);
        rabbit.server().rabbitmqctl("add_user", sender, "s");
        rabbit.server().rabbitmqctl("set_permissions", sender, ".*", ".*", ".*");
        String uri = "amqp://" + sender + ":s@" + rabbit.server().host() + ":"
                + rabbit.server().port();
        rabbit.use(java.net.URI.create(uri), channel -> {
            channel.confirmSelect();
            channel.basicPublish(
                    "",
                    queue,
                    new BasicProperties.Builder()
                            .messageId("poison")
                            .userId(sender)
                            .build(),
                    new byte[0]);
            return channel.waitForConfirms(10_000);
        });

        assertThat(rabbit.take(deadQueue, 1).get(0).getProps().getHeaders())
                .hasEntrySatisfying("dl_user_id", user -> assertThat(user).hasToString(sender));
    }

    @Test
    void whatAmqpCannotCarry_isRejectedAlone() throws Exception {
        ConnectionFactory small = new ConnectionFactory();
        small.setUri(rabbit.server().uri());
        small.setRequestedFrameMax(8192);
        String target = rabbit.queue(Map.of());
        try (RabbitPublisher publisher = RabbitPublisher.builder(small).build()) {
            Outcomes outcomes = new Outcomes(publisher);
            StoredMessage fine = Samples.message(target, "k", "fine");

            assertThat(outcomes.of(new StoredMessage(1, 0, Instant.MAX, 1, 4, fine.message())))
                    .isInstanceOf(PublishOutcome.RejectedForGood.class);
            assertThat(outcomes.of(Samples.message(target, "k", "long", new byte[0], Map.of("h", "x".repeat(9000)))))
                    .isInstanceOf(PublishOutcome.RejectedForGood.class);
            assertThat(outcomes.of(fine)).isInstanceOf(PublishOutcome.Published.class);
        }
        assertThat(rabbit.takeIds(target, 1)).containsExactly("fine");
    }

    @Test
    void aDeadLetterQueueWithANameThatIsTooLong_isReported() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(rabbit.server().uri());
        try (CapturedLogs logs = new CapturedLogs();
                RabbitConsumerLoop other = RabbitConsumerLoop.builder(
                                factory, List.of(queue), inbox.consumer("other"), (connection, message) -> {})
                        .deadLetterQueue(name -> "x".repeat(300))
                        .declareQueues()
                        .build()) {
            other.start();

            await().atMost(LIMIT)
                    .until(() -> logs.lines().stream()
                                    .filter(line -> line.contains("cannot be read"))
                                    .count()
                            > 1);
        }
    }

    private static Map<String, Object> anyHeaders(Random random) {
        List<String> names = List.of(
                "cloudEvents:id",
                "cloudEvents_id",
                "cloudEvents:specversion",
                "cloudEvents:time",
                "cloudEvents:partitionkey",
                "dl_attempts",
                "x-death",
                "😀",
                "");
        Map<String, Object> headers = new HashMap<>();
        for (int i = random.nextInt(6); i > 0; i--) {
            headers.put(names.get(random.nextInt(names.size())), anyValue(random));
        }
        return headers;
    }

    private static Object anyValue(Random random) {
        byte[] bytes = new byte[random.nextInt(300)];
        random.nextBytes(bytes);
        return Stream.of(
                        random.nextInt(),
                        random.nextLong(),
                        Integer.MAX_VALUE,
                        bytes,
                        new String(bytes, StandardCharsets.UTF_8),
                        "id-" + random.nextInt(50),
                        new Date(0),
                        true,
                        2.5,
                        List.of(Map.of("a", List.of(1))),
                        Map.of("b", "c"))
                .toList()
                .get(random.nextInt(11));
    }

    private void send(BasicProperties properties) {
        rabbit.use(channel -> {
            channel.confirmSelect();
            channel.basicPublish("", queue, properties, "{}".getBytes(StandardCharsets.UTF_8));
            return channel.waitForConfirms(10_000);
        });
    }
}
