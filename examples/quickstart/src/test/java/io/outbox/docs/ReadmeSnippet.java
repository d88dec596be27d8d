package io.outbox.docs;

import io.outbox.Message;
import io.outbox.MessageTypes;
import io.outbox.Outbox;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.Transactions;
import io.outbox.kafka.KafkaConsumerLoop;
import io.outbox.kafka.KafkaPublisher;
import io.outbox.relay.Relay;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** The example on the first screen of README.md. */
final class ReadmeSnippet implements AutoCloseable {
    private final Tables tables;
    private final Relay relay;
    private final KafkaConsumerLoop loop;

    ReadmeSnippet(DataSource dataSource, Map<String, Object> kafka, Tables tables) throws SQLException {
        this.tables = tables;
        var order = new OrderPlaced("o-1", "c-1", 1_999);
        // tag::readme[]
        var store = JdbcOutboxStore.of(dataSource);
        var transactions = Transactions.of(dataSource);

        // publish: the order and its message are committed together, or neither is
        var outbox = Outbox.builder(store).build();
        transactions.inTransaction(connection -> {
            insertOrder(connection, order);
            return outbox.publish(
                    connection,
                    Message.to("orders").key(order.customer()).payload(order).build());
        });

        // relay: in this process or another one, in as many as you like
        var relay = Relay.builder(store)
                .publisher(KafkaPublisher.builder(kafka).build())
                .build();
        relay.start();

        // consume: however often a message comes, the order is charged once
        var billing = IdempotentConsumer.of("billing", transactions, JdbcDedupStore.of(dataSource));
        var handlers = TypedHandlers.<Connection>builder(MessageTypes.of(OrderPlaced.class))
                .on(OrderPlaced.class, (connection, placed, message) -> charge(connection, placed));
        var loop = KafkaConsumerLoop.builder(kafka, List.of("orders"), billing, handlers.build())
                .build();
        loop.start();
        // end::readme[]
        this.relay = relay;
        this.loop = loop;
    }

    private void insertOrder(Connection connection, OrderPlaced order) throws SQLException {
        tables.insertOrder(connection, order);
    }

    private void charge(Connection connection, OrderPlaced order) throws SQLException {
        tables.charge(connection, order);
    }

    @Override
    public void close() {
        relay.close();
        loop.close();
    }
}
