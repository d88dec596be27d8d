package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.outbox.InvalidMessageException;
import io.outbox.consumer.MessageHandler;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.internal.ChildJvm;
import io.outbox.testkit.internal.DyingTransactions;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServers;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The consumer loop on a real RabbitMQ and a real PostgreSQL. */
class RabbitConsumerLoopIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final int KEYS = 10;
    private static RabbitServer rabbit;

    private final Inbox inbox = new Inbox();
    private final String queue = "queue-" + UUID.randomUUID();
    private final String deadLetters = queue + ".billing.dead-letter";
    private final List<RabbitConsumerLoop> loops = new ArrayList<>();

    @BeforeAll
    static void startRabbit() {
        rabbit = TestServers.newRabbit(Map.of());
    }

    @AfterAll
    static void stopRabbit() {
        rabbit.close();
    }

    @AfterEach
    void close() {
        loops.forEach(RabbitConsumerLoop::close);
        inbox.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"classic", "quorum"})
    void eachMessage_takesEffectOnceInTheOrderOfItsKey_thoughPublishedTwice(String type) throws Exception {
        declare(type);
        publish(0, 300);
        publish(0, 400);
        RabbitConsumerLoop loop = start(builder(Inbox::effect).threads(3));

        await().atMost(LIMIT)
                .until(() -> loop.counts().handled() + loop.counts().duplicates() == 700);

        assertThat(loop.counts()).isEqualTo(new RabbitConsumerLoop.Counts(400, 300, 0, 0));
        assertEffectsInOrder(400);
        loop.close();
        assertThat(messageCount(queue)).isZero();
    }

    @Test
    void batches_takeEffectOnceInOrder_andIsolateWhatFails() throws Exception {
        declare("quorum");
        publish(0, 300);
        publish(0, 400);
        AtomicInteger failures = new AtomicInteger(3);
        RabbitConsumerLoop loop = start(builder((connection, message) -> {
                    Inbox.effect(connection, message);
                    if (message.id().equals("55") && failures.getAndDecrement() > 0) {
                        throw new IllegalStateException("not yet");
                    }
                })
                .batch(50)
                .threads(2));

        await().atMost(LIMIT)
                .until(() -> loop.counts().handled() + loop.counts().duplicates() == 700);

        assertThat(loop.counts()).isEqualTo(new RabbitConsumerLoop.Counts(400, 300, 3, 0));
        assertEffectsInOrder(400);
        loop.close();
        assertThat(messageCount(queue)).isZero();
    }

    private Process startDying(int commits) throws IOException {
        return DyingConsumer.start(commits, inbox.database(), rabbit.uri().toString(), queue);
    }

    @Test
    void consumersThatDieBetweenCommitAndAcknowledgement_repeatNoEffect() throws Exception {
        declare("quorum");
        publish(0, 200);
        for (int commits = 1; commits <= 3; commits++) {
            assertThat(ChildJvm.awaitEnd(startDying(commits))).isEqualTo(DyingTransactions.DIED);
        }
        Process last = startDying(0);
        try {
            await().atMost(LIMIT).until(() -> inbox.ids().size() >= 200);
        } finally {
            last.destroyForcibly().waitFor();
        }

        assertEffectsInOrder(200);
    }

    @Test
    void twoLoopsWithTheSameMessages_letEachTakeEffectOnce() throws Exception {
        declare("classic");
        publish(0, 300);
        publish(0, 300);
        RabbitConsumerLoop one = start(builder(Inbox::effect).prefetch(20).threads(2));
        RabbitConsumerLoop other = start(builder(Inbox::effect).prefetch(20).threads(2));

        await().atMost(LIMIT)
                .until(() -> one.counts().handled()
                                + one.counts().duplicates()
                                + other.counts().handled()
                                + other.counts().duplicates()
                        == 600);

        assertThat(inbox.ids()).containsExactlyInAnyOrderElementsOf(numbers(300));
    }

    @Test
    void aFailure_isTriedAgainInOrder_whileOtherKeysGoOn() throws Exception {
        declare("classic");
        publish(0, 100);
        AtomicBoolean broken = new AtomicBoolean(true);
        start(builder((connection, message) -> {
                    if (broken.get() && "k3".equals(message.key())) {
                        throw new IllegalStateException("not now");
                    }
                    Inbox.effect(connection, message);
                })
                .maxAttempts(Integer.MAX_VALUE));
        await().atMost(LIMIT).until(() -> inbox.ids().size() == 90);

        broken.set(false);

        await().atMost(LIMIT).until(() -> inbox.ids().size() == 100);
        assertEffectsInOrder(100);
    }

    @Test
    void poison_isSetAsideByteForByteWithTheReason_andItsKeyGoesOn() throws Exception {
        declare("classic");
        publish(0, 20);
        RabbitConsumerLoop loop = start(builder((connection, message) -> {
                    if (message.id().equals("3")) {
                        throw new IllegalStateException("cannot be charged");
                    }
                    if (message.id().equals("4")) {
                        throw new InvalidMessageException("no JSON");
                    }
                    Inbox.effect(connection, message);
                })
                .maxAttempts(3)
                .declareQueues());

        await().atMost(LIMIT).until(() -> loop.counts().deadLetters() == 2);
        await().atMost(LIMIT).until(() -> inbox.ids().size() == 18);
        List<GetResponse> dead = List.of(get(deadLetters), get(deadLetters));
        GetResponse three = dead.stream()
                .filter(one -> one.getProps().getMessageId().equals("3"))
                .findFirst()
                .orElseThrow();
        assertThat(three.getBody()).isEqualTo("payload 3".getBytes(StandardCharsets.UTF_8));
        assertThat(three.getProps().getHeaders().get(SetAside.REASON).toString())
                .contains("cannot be charged");
        assertThat(three.getProps().getHeaders().get(SetAside.ATTEMPTS)).isEqualTo(3);
        assertThat(three.getProps().getHeaders().get(SetAside.QUEUE).toString()).isEqualTo(queue);
        loop.close();
        assertThat(messageCount(queue)).isZero();
    }

    @Test
    void aMessageWithoutId_isADeadLetter() throws Exception {
        declare("classic");
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.basicPublish("", queue, new BasicProperties(), new byte[] {1});
        }
        RabbitConsumerLoop loop = start(builder(Inbox::effect).declareQueues());

        await().atMost(LIMIT).until(() -> loop.counts().deadLetters() == 1);
        assertThat(get(deadLetters).getProps().getHeaders().get(SetAside.REASON).toString())
                .contains("message-id");
    }

    @Test
    void aDeadLetterWithoutItsQueue_waitsForItWithItsKey_whileOthersGoOn() throws Exception {
        declare("classic");
        publish(0, 40);
        RabbitConsumerLoop loop = start(builder((connection, message) -> {
                    if (message.id().equals("3")) {
                        throw new InvalidMessageException("no JSON");
                    }
                    Inbox.effect(connection, message);
                })
                .threads(2));
        await().atMost(LIMIT).until(() -> inbox.ids().size() == 36);
        assertThat(loop.counts().deadLetters()).isZero();

        declare(deadLetters, "classic");

        await().atMost(LIMIT).until(() -> inbox.ids().size() == 39);
        assertThat(loop.counts().deadLetters()).isEqualTo(1);
    }

    @Test
    void theRetryQueue_givesAMessageBackAfterItsTime_andTheAttemptsCountOn() throws Exception {
        declare("classic");
        publish(0, 10);
        List<Integer> attempts = new CopyOnWriteArrayList<>();
        RabbitConsumerLoop loop = start(builder((connection, message) -> {
                    if (message.id().equals("3")) {
                        attempts.add(message.attempt());
                        if (attempts.size() < 5) {
                            throw new IllegalStateException("not now");
                        }
                    }
                    Inbox.effect(connection, message);
                })
                .retryQueue(Duration.ofMillis(200), 2)
                .declareQueues());

        await().atMost(LIMIT).until(() -> inbox.ids().size() == 10);
        assertThat(attempts).containsExactly(1, 2, 3, 4, 5);
        assertThat(loop.counts().deadLetters()).isZero();
    }

    @Test
    void aConnectionThatIsCutBetweenCommitAndAcknowledgement_repeatsNoEffect() throws Exception {
        declare("classic");
        publish(0, 200);
        AtomicInteger count = new AtomicInteger();
        RabbitConsumerLoop loop = start(builder((connection, message) -> {
            if (count.incrementAndGet() % 60 == 0) {
                rabbit.rabbitmqctl("close_all_connections", "cut by the test");
            }
            Inbox.effect(connection, message);
        }));

        await().atMost(LIMIT).until(() -> inbox.ids().size() == 200);
        await().atMost(LIMIT).until(() -> loop.counts().duplicates() > 0 && messageCount(queue) == 0);
        assertEffectsInOrder(200);
    }

    @Test
    void aQueueThatIsDeleted_isReported_andReadAgainWhenItIsBack() throws Exception {
        declare("classic");
        publish(0, 10);
        RabbitConsumerLoop loop = start(builder(Inbox::effect));
        await().atMost(LIMIT).until(() -> inbox.ids().size() == 10);
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.queueDelete(queue);
        }
        await().atMost(LIMIT).until(() -> loop.problem().isPresent());

        declare("classic");
        publish(10, 20);

        await().atMost(LIMIT).until(() -> inbox.ids().size() == 20);
        assertThat(loop.isRunning()).isTrue();
        await().atMost(LIMIT).until(() -> loop.problem().isEmpty());
    }

    @Test
    void aDatabaseThatFails_isWaitedForWithoutCountingAttempts() throws Exception {
        declare("classic");
        inbox.execute("alter table outbox_dedup rename to outbox_dedup_gone");
        publish(0, 20);
        RabbitConsumerLoop loop = start(builder(Inbox::effect).maxAttempts(1).declareQueues());
        await().atMost(LIMIT).until(() -> loop.counts().failedAttempts() >= 3);

        inbox.execute("alter table outbox_dedup_gone rename to outbox_dedup");

        await().atMost(LIMIT).until(() -> inbox.ids().size() == 20);
        assertThat(loop.counts().deadLetters()).isZero();
        assertEffectsInOrder(20);
    }

    @Test
    void stop_finishesWhatIsAtHandAndLeavesTheRestInTheQueue() throws Exception {
        declare("classic");
        publish(0, 300);
        Set<String> seen = ConcurrentHashMap.newKeySet();
        RabbitConsumerLoop first = start(builder((connection, message) -> {
            seen.add(message.id());
            Inbox.effect(connection, message);
        }));
        await().atMost(LIMIT).until(() -> seen.size() > 50);

        assertThat(first.stop(Duration.ofSeconds(10))).isTrue();

        assertThat(first.isRunning()).isFalse();
        assertThat(inbox.ids()).hasSize(seen.size());
        await().atMost(LIMIT).until(() -> messageCount(queue) == 300 - seen.size());
        RabbitConsumerLoop second = start(builder(Inbox::effect));
        await().atMost(LIMIT).until(() -> inbox.ids().size() == 300);
        assertThat(second.counts().duplicates()).isZero();
    }

    @Test
    void aBrokerThatIsRestarted_losesAndRepeatsNoEffect() throws Exception {
        declare("classic");
        publish(0, 500);
        start(builder(Inbox::effect).threads(2).prefetch(50));
        await().atMost(LIMIT).until(() -> inbox.ids().size() > 100);

        rabbit.stop();
        rabbit.start();

        await().atMost(LIMIT).until(() -> inbox.ids().size() == 500);
        publish(500, 600);
        await().atMost(LIMIT).until(() -> inbox.ids().size() == 600);
        assertEffectsInOrder(600);
    }

    private RabbitConsumerLoop.Builder<java.sql.Connection> builder(MessageHandler<java.sql.Connection, ?> handler)
            throws Exception {
        return RabbitConsumerLoop.builder(factory(), List.of(queue), inbox.consumer("billing"), handler)
                .retryDelays(Duration.ofMillis(20), Duration.ofMillis(200));
    }

    private RabbitConsumerLoop start(RabbitConsumerLoop.Builder<?> builder) {
        RabbitConsumerLoop loop = builder.build();
        loops.add(loop);
        loop.start();
        return loop;
    }

    /** Every key's numbers, rising: that is how they were published. */
    private void assertEffectsInOrder(int messages) {
        assertThat(inbox.ids()).containsExactlyInAnyOrderElementsOf(numbers(messages));
        assertThat(inbox.byKey().values())
                .allSatisfy(
                        ids -> assertThat(ids.stream().map(Integer::valueOf)).isSorted());
    }

    private static List<String> numbers(int to) {
        return IntStream.range(0, to).mapToObj(Integer::toString).toList();
    }

    /** Publishes as the relay does. */
    private void publish(int from, int to) throws Exception {
        WireFormat format = new WireFormat("/test");
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            for (int i = from; i < to; i++) {
                byte[] payload = ("payload " + i).getBytes(StandardCharsets.UTF_8);
                OutboxRecord message = new OutboxRecord(
                        Integer.toString(i),
                        "default",
                        queue,
                        "k" + i % KEYS,
                        "t",
                        "text/plain",
                        Map.of(),
                        payload,
                        null);
                StoredMessage stored = new StoredMessage(i, 1, Instant.EPOCH, 1, payload.length, message);
                channel.basicPublish("", queue, format.properties(stored), payload);
            }
            channel.waitForConfirmsOrDie(10_000);
        }
    }

    private void declare(String type) throws Exception {
        declare(queue, type);
    }

    private static void declare(String name, String type) throws Exception {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare(name, true, false, false, Map.of("x-queue-type", type));
        }
    }

    private static long messageCount(String name) throws Exception {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            return channel.messageCount(name);
        }
    }

    private static GetResponse get(String name) throws Exception {
        try (Connection connection = connect();
                Channel channel = connection.createChannel()) {
            GetResponse response = channel.basicGet(name, true);
            if (response == null) {
                throw new IOException("queue " + name + " is empty");
            }
            return response;
        }
    }

    private static ConnectionFactory factory() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(rabbit.uri());
        return factory;
    }

    private static Connection connect() throws Exception {
        return factory().newConnection();
    }
}
