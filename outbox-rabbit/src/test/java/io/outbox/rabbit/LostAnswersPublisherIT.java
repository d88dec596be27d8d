package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.rabbit.AmqpProxy.Answer;
import io.outbox.spi.PublishOutcome.Published;
import io.outbox.spi.PublishOutcome.Unavailable;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A publisher whose broker does not answer, or takes nothing. The client would wait ten minutes, or for ever. */
@Timeout(120)
class LostAnswersPublisherIT {
    /** More than all that is waited for, far less than ten minutes. */
    private static final Duration LIMIT = Duration.ofSeconds(25);

    private static final int LARGE = 1_000_000;

    private final RabbitServer rabbit = TestServers.rabbit();
    private final Broker broker = new Broker(rabbit);
    private final AmqpProxy proxy = new AmqpProxy(rabbit);
    private final RabbitPublisher publisher = RabbitPublisher.builder(proxy.factory(rabbit))
            .confirmTimeout(Duration.ofSeconds(1))
            .build();
    private final Outcomes outcomes = new Outcomes(publisher);

    @AfterEach
    void close() throws Exception {
        proxy.close();
        publisher.close();
    }

    @ParameterizedTest
    @EnumSource(
            names = {"QUEUE_DECLARE_OK", "QOS_OK", "CONSUME_OK", "CONNECTION_CLOSE_OK"},
            mode = EnumSource.Mode.EXCLUDE)
    void anAnswerThatDoesNotCome_isUnavailability_untilAnswersComeAgain(Answer answer) {
        String exchange = broker.exchange("fanout");
        broker.queueBoundTo(exchange, "");
        assertThat(outcomes.of(exchange + "/")).isInstanceOf(Published.class);

        proxy.lose(answer);
        proxy.cut();
        await().atMost(LIMIT).until(() -> {
            assertThat(outcomes.of(exchange + "/")).isInstanceOf(Unavailable.class);
            return proxy.lost() > 0;
        });
        proxy.heal();

        await().atMost(LIMIT).until(() -> outcomes.of(exchange + "/") instanceof Published);
        await("connections that were given up are closed").atMost(LIMIT).until(() -> proxy.connections() == 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"CONNECTION_TUNE", "CHANNEL_OPEN_OK", "CONFIRM_SELECT_OK", "EXCHANGE_DECLARE_OK", "CONFIRM"})
    void closeWhileAnAnswerDoesNotCome_endsAllMessagesAndTheConnection(Answer answer) {
        String exchange = broker.exchange("fanout");
        proxy.lose(answer);
        outcomes.publish(exchange + "/", "k", "one");
        outcomes.publish(exchange + "/", "k", "two");
        await().atMost(LIMIT).until(() -> proxy.lost() > 0);

        assertThat(CompletableFuture.runAsync(publisher::close)).succeedsWithin(LIMIT);

        assertThat(outcomes.await()).hasOnlyElementsOfType(Unavailable.class);
        await().atMost(LIMIT).until(() -> proxy.connections() == 0);
    }

    @Test
    void aBrokerThatTakesNothing_isUnavailability_untilItTakesMessagesAgain() {
        String queue = broker.queue(Map.of("x-max-length", 1));
        assertThat(outcomes.of(queue)).isInstanceOf(Published.class);

        proxy.stall();
        publishMoreThanSocketsTake(queue);
        assertThat(outcomes.await().subList(1, 41)).hasOnlyElementsOfType(Unavailable.class);
        proxy.heal();

        await().atMost(LIMIT).until(() -> outcomes.of(queue) instanceof Published);
        await().atMost(LIMIT).until(() -> proxy.connections() == 1);
    }

    @Test
    void closeWhileTheBrokerTakesNothing_endsAllMessages() {
        String queue = broker.queue(Map.of("x-max-length", 1));
        assertThat(outcomes.of(queue)).isInstanceOf(Published.class);
        proxy.stall();
        publishMoreThanSocketsTake(queue);

        assertThat(CompletableFuture.runAsync(publisher::close)).succeedsWithin(LIMIT);

        assertThat(outcomes.await().subList(1, 41)).hasOnlyElementsOfType(Unavailable.class);
    }

    private void publishMoreThanSocketsTake(String queue) {
        for (int i = 0; i < 40; i++) {
            outcomes.publish(Samples.message(queue, "k" + i, "large" + i, new byte[LARGE], Map.of()));
        }
    }
}
