package io.outbox.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.Outbox;
import io.outbox.OutboxException;
import io.outbox.consumer.Handling;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.Transactions;
import io.outbox.relay.Relay;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.PublishOutcome;
import io.outbox.testkit.InProcessBroker;
import java.sql.Connection;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs what docs/getting-started.md shows, on H2 and the in-process broker. */
class GettingStartedTest {
    private static final OrderPlaced ORDER = new OrderPlaced("o-1", "c-1", 1_999);

    private final InProcessBroker broker = InProcessBroker.create();
    private HikariDataSource dataSource;
    private Tables tables;
    private GettingStartedSnippets snippets;
    private JdbcOutboxStore store;

    @BeforeEach
    void createTables() throws Exception {
        dataSource = new HikariDataSource();
        dataSource.setJdbcUrl("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        tables = new Tables(dataSource);
        snippets = new GettingStartedSnippets(dataSource, tables);
        snippets.createSchema();
        store = JdbcOutboxStore.of(dataSource);
    }

    @AfterEach
    void close() {
        broker.close();
        dataSource.close();
    }

    @Test
    void schema_isCreatedAndVerified_alsoUnderOtherNames() {
        snippets.verifySchema();

        assertThat(snippets.storeWithNames().shards()).isPositive();
    }

    @Test
    void published_relayedAndConsumed_theOrderIsChargedOnce() throws Exception {
        IdempotentConsumer<Connection> billing =
                IdempotentConsumer.of("billing", Transactions.of(dataSource), JdbcDedupStore.of(dataSource));
        TypedHandlers<Connection> handlers = TypedHandlers.<Connection>builder(snippets.types())
                .on(OrderPlaced.class, (connection, order, message) -> tables.charge(connection, order))
                .build();
        broker.subscribe("orders", "billing", message -> snippets.consumeByHand(billing, handlers, message));

        String id = snippets.publishInTransaction(ORDER);
        try (Connection connection = dataSource.getConnection();
                Relay relay = snippets.relay(store, broker.publisher())) {
            snippets.publishOnOwnConnection(
                    Outbox.builder(store).build(), connection, new OrderPlaced("o-2", "c-2", 100));

            await().untilAsserted(() -> assertThat(tables.charges()).isEqualTo(2));
            await().untilAsserted(() -> assertThat(snippets.isHealthy(relay)).isTrue());
        }
        assertThat(tables.orders()).isEqualTo(2);
        assertThat(broker.messages("orders").get(0).id()).isEqualTo(id);
    }

    @Test
    void once_withTheSameNumber_isADuplicate() throws Exception {
        IdempotentConsumer<Connection> billing =
                IdempotentConsumer.of("billing", Transactions.of(dataSource), JdbcDedupStore.of(dataSource));

        assertThat(snippets.once(billing, "n-1", ORDER)).isEqualTo(Handling.HANDLED);
        assertThat(snippets.once(billing, "n-1", ORDER)).isEqualTo(Handling.DUPLICATE);
        assertThat(tables.charges()).isEqualTo(1);
    }

    @Test
    void deadLetters_areListedRedrivenAndDiscarded() throws Exception {
        broker.refuse("orders", PublishOutcome.rejectedForGood(new OutboxException("RecordTooLarge")));
        try (Relay relay = snippets.relay(store, broker.publisher())) {
            snippets.publishInTransaction(ORDER);
            await().untilAsserted(() ->
                    assertThat(store.list(ParkedQuery.deadLetters())).hasSize(1));

            assertThat(snippets.deadLetters(store)).isEqualTo(1);
            await().untilAsserted(() ->
                    assertThat(store.list(ParkedQuery.deadLetters())).hasSize(1));
            assertThat(snippets.discard(store)).isEqualTo(1);
        }
    }

    @Test
    void aMessageForLater_isScheduled() {
        Transactions.of(dataSource)
                .inTransaction(connection ->
                        Outbox.builder(store).build().publish(connection, snippets.otherMessages(new byte[] {1})));

        assertThat(store.count(Outbox.DEFAULT_CHANNEL, Set.of(ParkedState.SCHEDULED)))
                .isEqualTo(1);
    }

    @Test
    void settings_fitTogether() {
        try (Relay relay = snippets.relayWithSettings(store, broker.publisher())) {
            relay.start();

            assertThat(relay.status().isRunning()).isTrue();
        }
    }
}
