package io.outbox.docs;

import io.outbox.Message;
import io.outbox.MessageTypes;
import io.outbox.Outbox;
import io.outbox.consumer.Handling;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.consumer.TypedHandlers;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.jdbc.TableNames;
import io.outbox.jdbc.Transactions;
import io.outbox.kafka.KafkaConsumerLoop;
import io.outbox.kafka.KafkaPublisher;
import io.outbox.relay.ChannelStatus;
import io.outbox.relay.CircuitState;
import io.outbox.relay.Relay;
import io.outbox.relay.RetryPolicy;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.Publisher;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** The examples of docs/getting-started.md and docs/configuration.md. */
final class GettingStartedSnippets {
    private final DataSource dataSource;
    private final Tables tables;

    GettingStartedSnippets(DataSource dataSource, Tables tables) {
        this.dataSource = dataSource;
        this.tables = tables;
    }

    private void insertOrder(Connection connection, OrderPlaced order) throws SQLException {
        tables.insertOrder(connection, order);
    }

    private void charge(Connection connection, OrderPlaced order) throws SQLException {
        tables.charge(connection, order);
    }

    void createSchema() {
        // tag::create-schema[]
        OutboxSchema.of(dataSource).create();
        // end::create-schema[]
    }

    void verifySchema() {
        // tag::verify-schema[]
        OutboxSchema.of(dataSource).verify();
        // end::verify-schema[]
    }

    JdbcOutboxStore storeWithNames() {
        // tag::table-names[]
        TableNames names = TableNames.standard().withSchema("messaging").withPrefix("shop_");
        OutboxSchema.of(dataSource).withTables(names).create();
        JdbcOutboxStore store = JdbcOutboxStore.of(dataSource, names);
        // end::table-names[]
        return store;
    }

    String publishInTransaction(OrderPlaced order) throws SQLException {
        // tag::publish[]
        JdbcOutboxStore store = JdbcOutboxStore.of(dataSource);
        Outbox<Connection> outbox = Outbox.builder(store).build();
        Transactions transactions = Transactions.of(dataSource);

        String messageId = transactions.inTransaction(connection -> {
            insertOrder(connection, order);
            return outbox.publish(
                    connection,
                    Message.to("orders").key(order.customer()).payload(order).build());
        });
        // end::publish[]
        return messageId;
    }

    void publishOnOwnConnection(Outbox<Connection> outbox, Connection connection, OrderPlaced order)
            throws SQLException {
        // tag::publish-own-connection[]
        connection.setAutoCommit(false);
        insertOrder(connection, order);
        outbox.publish(connection, Message.to("orders").payload(order).build());
        connection.commit();
        // end::publish-own-connection[]
    }

    Message otherMessages(byte[] bytes) {
        // tag::message[]
        Message message = Message.to("orders")
                .id("payment-4711") // instead of a UUIDv7 made by the library
                .type("payment.received") // bytes and Strings say nothing of their type
                .contentType("application/x-protobuf")
                .header("tenant", "acme")
                .deliverAt(Instant.now().plus(Duration.ofMinutes(5))) // on the database's clock
                .payload(bytes)
                .build();
        // end::message[]
        return message;
    }

    Relay relay(JdbcOutboxStore store, Publisher publisher) {
        // tag::relay[]
        Relay relay = Relay.builder(store).publisher(publisher).build();
        relay.start();
        // end::relay[]
        return relay;
    }

    Publisher kafkaPublisher() {
        // tag::kafka-publisher[]
        Publisher publisher = KafkaPublisher.builder("kafka-1:9092,kafka-2:9092")
                .source("/shop")
                .build();
        // end::kafka-publisher[]
        return publisher;
    }

    Relay relayWithSettings(JdbcOutboxStore store, Publisher publisher) {
        // tag::relay-settings[]
        Relay relay = Relay.builder(store)
                .publisher(publisher)
                .leaseTime(Duration.ofSeconds(6))
                .retryPolicy(RetryPolicy.defaults().withMaxAttempts(50).withDeadLetterBlockingKey(true))
                .build();
        // end::relay-settings[]
        return relay;
    }

    KafkaConsumerLoop consumeFromKafka(Map<String, Object> kafka) {
        // tag::consume[]
        IdempotentConsumer<Connection> billing =
                IdempotentConsumer.of("billing", Transactions.of(dataSource), JdbcDedupStore.of(dataSource));
        TypedHandlers<Connection> handlers = TypedHandlers.<Connection>builder(MessageTypes.of(OrderPlaced.class))
                .on(OrderPlaced.class, (connection, order, message) -> charge(connection, order))
                .build();

        KafkaConsumerLoop loop = KafkaConsumerLoop.builder(kafka, List.of("orders"), billing, handlers)
                .threads(2)
                .build();
        loop.start();
        // end::consume[]
        return loop;
    }

    Handling consumeByHand(
            IdempotentConsumer<Connection> billing, TypedHandlers<Connection> handlers, ReceivedMessage message)
            throws Exception {
        // tag::consume-by-hand[]
        Handling handling = billing.handle(message, handlers); // HANDLED or DUPLICATE
        // end::consume-by-hand[]
        return handling;
    }

    Handling once(IdempotentConsumer<Connection> billing, String notificationNumber, OrderPlaced order)
            throws SQLException {
        // tag::once[]
        Handling handling = billing.once(notificationNumber, connection -> charge(connection, order));
        // end::once[]
        return handling;
    }

    MessageTypes types() {
        // tag::types[]
        MessageTypes types = MessageTypes.builder()
                .add(OrderPlaced.class) // by its annotation
                .add("order.cancelled", OrderCancelled.class, "order.canceled") // with a former name
                .build();
        // end::types[]
        return types;
    }

    record OrderCancelled(String id) {}

    int deadLetters(JdbcOutboxStore store) {
        // tag::list-dead-letters[]
        ParkedQuery query = ParkedQuery.deadLetters().withDestination("orders");
        for (ParkedMessage parked : store.list(query)) {
            System.out.println(
                    parked.message().message() + " after " + parked.attempts() + " attempts: " + parked.lastError());
        }
        // end::list-dead-letters[]
        // tag::redrive[]
        int redriven = store.redrive(query, Duration.ofMillis(100)); // due one after the other, 100 ms apart
        // end::redrive[]
        return redriven;
    }

    int discard(JdbcOutboxStore store) {
        // tag::discard[]
        int discarded = store.discard(ParkedQuery.deadLetters().withErrorContaining("RecordTooLarge"));
        // end::discard[]
        return discarded;
    }

    boolean isHealthy(Relay relay) {
        // tag::status[]
        ChannelStatus status = relay.status().channel(Outbox.DEFAULT_CHANNEL);
        boolean isHealthy = status.circuit() == CircuitState.CLOSED
                && status.lastFailure().isEmpty()
                && status.oldestWaiting().orElse(Duration.ZERO).compareTo(Duration.ofMinutes(1)) < 0;
        // end::status[]
        return isHealthy;
    }
}
