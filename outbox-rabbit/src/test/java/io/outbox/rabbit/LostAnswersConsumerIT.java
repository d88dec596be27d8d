package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.ConnectionFactory;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.MessageHandler;
import io.outbox.consumer.RejectedMessageException;
import io.outbox.rabbit.AmqpProxy.Answer;
import io.outbox.spi.PublishOutcome.Published;
import io.outbox.testkit.InMemoryDedupStore;
import io.outbox.testkit.InMemoryTransaction;
import io.outbox.testkit.InMemoryTransactions;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A consumer loop whose broker does not answer, or takes nothing. The client would wait ten minutes, or for ever. */
@Timeout(120)
class LostAnswersConsumerIT {
    /** More than all that is waited for, far less than ten minutes. */
    private static final Duration LIMIT = Duration.ofSeconds(25);

    private static final int LARGE = 15_000_000;

    private final RabbitServer rabbit = TestServers.rabbit();
    private final Broker broker = new Broker(rabbit);
    private final AmqpProxy proxy = new AmqpProxy(rabbit);
    private final String queue = broker.queue(Map.of());
    private final String deadLetters = queue + ".billing.dead-letter";
    private final Set<String> handled = ConcurrentHashMap.newKeySet();
    private final AtomicReference<@Nullable RabbitConsumerLoop> loop = new AtomicReference<>();

    @AfterEach
    void close() throws Exception {
        proxy.close();
        RabbitConsumerLoop started = loop.get();
        if (started != null) {
            started.close();
        }
    }

    private RabbitConsumerLoop start(MessageHandler<InMemoryTransaction, ?> handler) {
        return start(proxy.factory(rabbit), handler);
    }

    private RabbitConsumerLoop start(ConnectionFactory factory, MessageHandler<InMemoryTransaction, ?> handler) {
        InMemoryTransactions transactions = new InMemoryTransactions();
        RabbitConsumerLoop started = RabbitConsumerLoop.builder(
                        factory,
                        List.of(queue),
                        IdempotentConsumer.of("billing", transactions, new InMemoryDedupStore(transactions)),
                        handler)
                .declareQueues()
                .retryDelays(Duration.ofMillis(20), Duration.ofMillis(200))
                .stopTimeout(Duration.ofSeconds(1))
                .longestAnswer(Duration.ofSeconds(1))
                .build();
        loop.set(started);
        started.start();
        return started;
    }

    private RabbitConsumerLoop startAndHandleOne() {
        RabbitConsumerLoop started = start((transaction, message) -> handled.add(message.id()));
        publish("first", 1);
        await().atMost(LIMIT).until(() -> handled.contains("first"));
        return started;
    }

    private void publish(String id, int bytes) {
        try (RabbitPublisher publisher = RabbitPublisher.builder(broker.uri()).build()) {
            assertThat(new Outcomes(publisher).of(Samples.message(queue, "k", id, new byte[bytes], Map.of())))
                    .isInstanceOf(Published.class);
        }
    }

    @ParameterizedTest
    @EnumSource(
            names = {"EXCHANGE_DECLARE_OK", "CONFIRM", "CONFIRM_SELECT_OK"},
            mode = EnumSource.Mode.EXCLUDE)
    void anAnswerThatDoesNotCome_isAProblem_untilAnswersComeAgain(Answer answer) {
        RabbitConsumerLoop reading = startAndHandleOne();

        proxy.lose(answer);
        if (answer == Answer.CONNECTION_CLOSE_OK) {
            broker.use(channel -> channel.queueDelete(queue)); // ends the subscription, and by it the connection
        } else {
            proxy.cut();
        }
        await().atMost(LIMIT).until(() -> proxy.lost() > 0);
        assertThat(reading.problem()).isPresent();
        proxy.heal();
        broker.use(channel -> channel.queueDeclare(queue, true, false, false, Map.of()));
        publish("second", 1);

        await().atMost(LIMIT).until(() -> handled.contains("second"));
        assertThat(reading.problem()).isEmpty();
        await("connections that were given up are closed").atMost(LIMIT).until(() -> proxy.connections() == 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"CHANNEL_OPEN_OK", "CONFIRM_SELECT_OK", "CONFIRM", "CHANNEL_CLOSE_OK"})
    void anAnswerToADeadLetterThatDoesNotCome_letsItWait_untilAnswersComeAgain(Answer answer) {
        RabbitConsumerLoop reading = start((transaction, message) -> {
            if (handled.add(message.id())) {
                proxy.lose(answer);
            }
            throw new RejectedMessageException("no use");
        });

        publish("rejected", 1);
        await().atMost(LIMIT).until(() -> proxy.lost() > 0);
        assertThat(reading.counts().deadLetters()).isZero();
        proxy.heal();

        await().atMost(LIMIT).until(() -> reading.counts().deadLetters() == 1);
        assertThat(broker.takeIds(deadLetters, 1)).contains("rejected");
    }

    @ParameterizedTest
    @EnumSource(names = {"CONNECTION_TUNE", "CHANNEL_OPEN_OK", "QUEUE_DECLARE_OK", "QOS_OK", "CONSUME_OK"})
    void closeWhileAnAnswerDoesNotCome_endsTheConnection(Answer answer) {
        RabbitConsumerLoop reading = startAndHandleOne();
        proxy.lose(answer);
        proxy.cut();
        await().atMost(LIMIT).until(() -> proxy.lost() > 0);

        assertThat(CompletableFuture.runAsync(reading::close)).succeedsWithin(LIMIT);

        await().atMost(LIMIT).until(() -> proxy.connections() == 0 && !reading.isRunning());
    }

    @Test
    void closeWhileADeadLetterIsNotAnswered_endsTheConnection() {
        RabbitConsumerLoop reading = start((transaction, message) -> {
            proxy.lose(Answer.CONFIRM_SELECT_OK);
            throw new RejectedMessageException("no use");
        });
        publish("rejected", 1);
        await().atMost(LIMIT).until(() -> proxy.lost() > 0);

        assertThat(CompletableFuture.runAsync(reading::close)).succeedsWithin(LIMIT);

        await().atMost(LIMIT).until(() -> proxy.connections() == 0 && !reading.isRunning());
    }

    @Test
    void closeThatIsNotAnswered_endsTheConnection() {
        RabbitConsumerLoop reading = startAndHandleOne();
        proxy.lose(Answer.CONNECTION_CLOSE_OK);

        assertThat(CompletableFuture.runAsync(reading::close)).succeedsWithin(LIMIT);

        assertThat(proxy.lost()).isOne();
        await().atMost(LIMIT).until(() -> proxy.connections() == 0 && !reading.isRunning());
    }

    @Test
    void closeWhileTheBrokerTakesNothing_ends() {
        RabbitConsumerLoop reading = start((transaction, message) -> {
            proxy.after(Answer.CONFIRM_SELECT_OK, proxy::stall);
            throw new RejectedMessageException("no use");
        });
        publish("large", LARGE);
        await().atMost(LIMIT).until(proxy::isStalled);
        awaitAThreadThatSends();

        assertThat(CompletableFuture.runAsync(reading::close)).succeedsWithin(LIMIT);

        await().atMost(LIMIT).until(() -> !reading.isRunning());
    }

    /** Nothing else tells that the sockets are full. */
    private static void awaitAThreadThatSends() {
        await().atMost(LIMIT)
                .until(() -> Thread.getAllStackTraces().entrySet().stream()
                        .filter(thread -> thread.getKey().getName().startsWith("outbox-rabbit-consumer"))
                        .flatMap(thread -> Arrays.stream(thread.getValue()))
                        .anyMatch(frame -> frame.getMethodName().equals("basicPublish")));
    }

    @Test
    void aConnectionThatIsGoneWhileALargeDeadLetterIsSent_isReplaced() {
        ConnectionFactory factory = proxy.factory(rabbit);
        factory.setRequestedHeartbeat(2);
        RabbitConsumerLoop reading = start(factory, (transaction, message) -> {
            if (handled.add(message.id())) {
                proxy.after(Answer.CONFIRM_SELECT_OK, proxy::freeze);
            }
            throw new RejectedMessageException("no use");
        });
        publish("large", LARGE);
        await().atMost(LIMIT).until(proxy::isFrozen);

        assertThat(broker.takeIds(deadLetters, 1)).contains("large");
        await().atMost(LIMIT).until(() -> reading.problem().isEmpty());
    }
}
