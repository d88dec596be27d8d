package io.outbox.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.OutboxException;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.jdbc.Transactions;
import io.outbox.relay.ChannelStatus;
import io.outbox.relay.CircuitState;
import io.outbox.relay.Relay;
import io.outbox.relay.RetryPolicy;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.PublishOutcome;
import io.outbox.testkit.InProcessBroker;
import io.outbox.testkit.InProcessPublisher;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Promises of docs/guarantees.md that concern a whole relay: isolation and bounds. */
class PromisesTest {
    private final InProcessBroker broker = InProcessBroker.create();
    private final HikariDataSource dataSource = new HikariDataSource();
    private JdbcOutboxStore store;
    private Outbox<Connection> outbox;
    private Transactions transactions;

    @BeforeEach
    void createTables() {
        dataSource.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        OutboxSchema.of(dataSource).create();
        store = JdbcOutboxStore.of(dataSource);
        outbox = Outbox.builder(store).build();
        transactions = Transactions.of(dataSource);
    }

    @AfterEach
    void close() {
        broker.close();
        dataSource.close();
    }

    private void publish(Message... messages) {
        transactions.inTransaction(connection -> outbox.publishAll(connection, List.of(messages)));
    }

    private static Message.Builder to(String destination, String id) {
        return Message.to(destination).id(id).key("k").type("t");
    }

    private List<String> arrived(String destination) {
        return broker.messages(destination).stream().map(ReceivedMessage::id).toList();
    }

    @Test
    void aBrokerThatIsAway_leavesTheOtherChannelAlone() {
        InProcessBroker other = InProcessBroker.create();
        other.stop();
        try (Relay relay = Relay.builder(store)
                .publisher("here", broker.publisher())
                .publisher("away", other.publisher())
                .build()) {
            relay.start();

            publish(to("orders", "a1").channel("away").build());
            await().until(() -> relay.status().channel("away").circuit() != CircuitState.CLOSED);
            publish(
                    to("orders", "a2").channel("away").build(),
                    to("orders", "h1").channel("here").build());
            await().until(() -> arrived("orders").equals(List.of("h1")));
            assertThat(relay.status().channel("here").circuit()).isEqualTo(CircuitState.CLOSED);
            assertThat(relay.status().channel("away").parked()).isZero();

            other.start();
            await().until(() -> other.messages("orders").size() == 2);
        }
    }

    @Test
    void aDestinationThatRefuses_leavesOthersAlone_andLosesNothing() {
        broker.refuse("refusing", PublishOutcome.rejectedForNow(new OutboxException("not yet")));
        try (Relay relay = Relay.builder(store)
                .publisher(broker.publisher())
                .retryPolicy(RetryPolicy.defaults().withDelays(Duration.ofMillis(10), Duration.ofMillis(50)))
                .build()) {
            relay.start();

            publish(to("refusing", "r1").build(), to("refusing", "r2").build());
            publish(to("orders", "o1").key("another").build());
            await().until(() -> arrived("orders").equals(List.of("o1")));
            assertThat(arrived("refusing")).isEmpty();

            broker.accept("refusing");
            await().until(() -> arrived("refusing").equals(List.of("r1", "r2")));
        }
    }

    @Test
    void aPoisonMessage_becomesADeadLetter_andItsKeyGoesOn() {
        try (Relay relay = Relay.builder(store)
                .publisher(InProcessBroker.builder().maxMessageBytes(10).build().publisher())
                .build()) {
            relay.start();
            publish(
                    to("orders", "1").build(),
                    to("orders", "2").payload(new byte[11]).build(),
                    to("orders", "3").build());

            await().until(() -> relay.status().channel(Outbox.DEFAULT_CHANNEL).published() == 2);
            await().untilAsserted(() -> assertThat(store.list(ParkedQuery.deadLetters()))
                    .extracting(parked -> parked.message().message().messageId())
                    .containsExactly("2"));
        }
    }

    @Test
    void aRelay_holdsNoMoreThanItsWindow_whateverTheBacklog() {
        Message[] backlog = IntStream.range(0, 5_000)
                .mapToObj(i -> to("orders", "m" + i)
                        .key("k" + i % 50)
                        .payload(new byte[1_000])
                        .build())
                .toArray(Message[]::new);
        publish(backlog);
        InProcessPublisher publisher = broker.publisher();
        publisher.holdConfirmations();
        try (Relay relay = Relay.builder(store)
                .publisher(publisher)
                .batchSize(100)
                .maxInFlight(1_000)
                .maxInFlightBytes(100_000)
                .build()) {
            relay.start();

            await().until(() -> publisher.outstanding() == 100);
            ChannelStatus status = relay.status().channel(Outbox.DEFAULT_CHANNEL);
            assertThat(status.inFlight()).isEqualTo(100);
            assertThat(status.inFlightBytes()).isEqualTo(100_000);
            assertThat(arrived("orders")).hasSize(100);

            publisher.releaseConfirmations();
            await().until(() -> arrived("orders").size() == backlog.length);
        }
        assertThat(arrived("orders")).doesNotHaveDuplicates();
    }
}
