package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServers;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The end, while a broker takes its time to answer: its threads would keep the process from ending. */
class RabbitCloseIT {
    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final RabbitServer rabbit = TestServers.rabbit();
    private final Broker broker = new Broker(rabbit);
    private final SlowFactory slow = new SlowFactory(rabbit.uri());

    /** Connects when it is told to; an interruption does not keep it from it, as none does the client's. */
    private static final class SlowFactory extends ConnectionFactory {
        private final CountDownLatch entered = new CountDownLatch(1);
        private final CountDownLatch answered = new CountDownLatch(1);
        private final AtomicReference<@Nullable Connection> made = new AtomicReference<>();

        SlowFactory(URI uri) {
            try {
                setUri(uri);
            } catch (Exception e) {
                throw new IllegalStateException(e);
            }
        }

        @Override
        public Connection newConnection(String name) throws IOException, TimeoutException {
            entered.countDown();
            boolean waits = true;
            while (waits) {
                try {
                    answered.await();
                    waits = false;
                } catch (InterruptedException e) {
                    waits = true;
                }
            }
            Connection connection = super.newConnection(name);
            made.set(connection);
            return connection;
        }
    }

    private void closeWhileConnecting(ThrowingRunnable close) throws Throwable {
        slow.entered.await();
        close.run();
        slow.answered.countDown();
        await().atMost(LIMIT).until(() -> slow.made.get() != null);
        await().atMost(LIMIT)
                .untilAsserted(() -> assertThat(slow.made.get())
                        .isNotNull()
                        .extracting(Connection::isOpen)
                        .isEqualTo(false));
    }

    @Test
    void aPublisherThatIsClosedWhileItConnects_leavesNoConnection() throws Throwable {
        String queue = broker.queue(Map.of());
        RabbitPublisher publisher = RabbitPublisher.builder(slow).build();
        publisher.publish(Samples.message(queue, "k", "id", new byte[1], Map.of()), outcome -> {});

        closeWhileConnecting(publisher::close);
    }

    @Test
    void aLoopThatIsStoppedWhileItConnects_leavesNoConnection() throws Throwable {
        String queue = broker.queue(Map.of());
        try (Inbox inbox = new Inbox()) {
            RabbitConsumerLoop loop = RabbitConsumerLoop.builder(
                            slow, List.of(queue), inbox.consumer("billing"), Inbox::effect)
                    .build();
            loop.start();

            closeWhileConnecting(() -> loop.stop(Duration.ofSeconds(1)));
        }
    }
}
