package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.ConnectionFactory;
import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.Transactions;
import io.outbox.relay.Relay;
import io.outbox.relay.RetryPolicy;
import io.outbox.spi.ParkedState;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServers;
import java.sql.Connection;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** From a transaction through relay, RabbitMQ and consumer loop to effects, while the broker refuses and restarts. */
@Timeout(180)
class RelayOnRabbitIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int KEYS = 10;

    private final Inbox inbox = new Inbox();
    private final JdbcOutboxStore store = JdbcOutboxStore.of(inbox.dataSource());
    private final Transactions transactions = Transactions.of(inbox.dataSource());
    private final Outbox<Connection> outbox = Outbox.builder(store).build();
    private final Map<String, List<String>> committed = new LinkedHashMap<>();
    private final List<AutoCloseable> open = new ArrayList<>();
    private Broker broker;

    @BeforeEach
    void startBroker() {
        RabbitServer server = TestServers.newRabbit(Map.of());
        broker = new Broker(server);
    }

    @AfterEach
    void close() throws Exception {
        for (int i = open.size() - 1; i >= 0; i--) {
            open.get(i).close();
        }
        inbox.close();
        broker.server().close();
    }

    @Test
    void nackedMessages_areTriedAgainInTheOrderOfTheirKey() throws Exception {
        String queue = broker.queue(Map.of("x-max-length", 20, "x-overflow", "reject-publish"));
        relay(queue);
        publish(queue, 300);
        await().atMost(LIMIT).until(() -> parked(ParkedState.RETRY) > 0);

        consume(queue);

        awaitEffects();
        assertThat(parked(ParkedState.RETRY, ParkedState.BEHIND, ParkedState.DEAD))
                .isZero();
    }

    @Test
    void aBrokerThatIsRestartedUnderLoad_losesNothing_keepsOrder_andNothingIsParked() throws Exception {
        String queue = broker.queue(Map.of());
        relay(queue);
        consume(queue);
        AtomicBoolean writing = new AtomicBoolean(true);
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            while (writing.get()) {
                publish(queue, 20);
            }
        });
        for (int i = 0; i < 2; i++) {
            int before = inbox.ids().size();
            await().atMost(LIMIT).until(() -> inbox.ids().size() > before + 300);
            broker.server().stop();
            broker.server().start();
        }
        int before = inbox.ids().size();
        await().atMost(LIMIT).until(() -> inbox.ids().size() > before + 300);
        writing.set(false);
        writer.join();

        awaitEffects();
        assertThat(parked(ParkedState.RETRY, ParkedState.BEHIND, ParkedState.DEAD))
                .isZero();
    }

    private void awaitEffects() {
        await().atMost(LIMIT)
                .until(() -> inbox.ids().size()
                        == committed.values().stream().mapToInt(List::size).sum());
        assertThat(inbox.byKey()).isEqualTo(committed);
    }

    private long parked(ParkedState... states) {
        return store.count(Outbox.DEFAULT_CHANNEL, Set.of(states));
    }

    private void publish(String queue, int messages) {
        for (int i = 0; i < messages; i++) {
            String key = "k" + i % KEYS;
            String id = transactions.inTransaction(connection -> outbox.publish(
                    connection,
                    Message.to(queue).key(key).type("t").payload("p").build()));
            committed.computeIfAbsent(key, any -> new ArrayList<>()).add(id);
        }
    }

    private void relay(String queue) {
        RabbitPublisher publisher = RabbitPublisher.builder(broker.uri()).build();
        Relay relay = Relay.builder(store)
                .publisher(publisher)
                .retryPolicy(RetryPolicy.defaults()
                        .withDelays(Duration.ofMillis(20), Duration.ofMillis(200))
                        .withMaxAttempts(10_000))
                .build();
        open.add(publisher);
        open.add(relay);
        relay.start();
    }

    private void consume(String queue) throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(broker.uri());
        RabbitConsumerLoop loop = RabbitConsumerLoop.builder(
                        factory, List.of(queue), inbox.consumer("billing"), Inbox::effect)
                .batch(100)
                .build();
        open.add(loop);
        loop.start();
    }
}
