package io.outbox.docs;

import io.outbox.JacksonPayloadCodec;
import io.outbox.consumer.DedupExpiry;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.MessageHandler;
import io.outbox.consumer.Outcome;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.jdbc.JdbcDedupStore;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;

/** The snippets of docs/consumers.md. */
final class ConsumersSnippets {
    /** A framework's way to answer a broker. */
    interface Listener {
        void acknowledge(ReceivedMessage message);

        void deliverAgain(ReceivedMessage message, Throwable failure);
    }

    /** A payment provider. */
    interface Provider {
        void charge(String idempotencyKey, long cents);
    }

    record Receipt(String number) {}

    private final DataSource dataSource;

    ConsumersSnippets(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    void handleAll(
            IdempotentConsumer<Connection> billing,
            MessageHandler<Connection, ?> handlers,
            List<ReceivedMessage> messages,
            Listener listener) {
        // tag::handle-all[]
        for (Outcome outcome : billing.handleAll(messages, handlers)) {
            if (outcome.isDone()) {
                listener.acknowledge(outcome.message());
            } else {
                listener.deliverAgain(outcome.message(), outcome.failure());
            }
        }
        // end::handle-all[]
    }

    void effectKey(IdempotentConsumer<Connection> billing, ReceivedMessage message, Provider provider, long cents) {
        // tag::effect-key[]
        provider.charge(billing.effectKey(message.id(), "charge"), cents);
        // end::effect-key[]
    }

    Receipt onceWithResult(
            IdempotentConsumer<Connection> payments, String idempotencyKey, byte[] requestBody, String order)
            throws SQLException {
        JacksonPayloadCodec json = new JacksonPayloadCodec();
        // tag::once-with-result[]
        Receipt receipt = payments.once(idempotencyKey, requestBody, json, Receipt.class, connection -> {
                    charge(connection, order);
                    return new Receipt("R-" + order);
                })
                .value();
        // end::once-with-result[]
        return receipt;
    }

    private static void charge(Connection connection, String order) throws SQLException {
        try (var insert = connection.prepareStatement("insert into charge (order_id) values (?)")) {
            insert.setString(1, order);
            insert.executeUpdate();
        }
    }

    DedupExpiry expiry() {
        // tag::dedup-expiry[]
        JdbcDedupStore dedup = JdbcDedupStore.of(dataSource);
        DedupExpiry expiry = DedupExpiry.builder(dedup, Duration.ofDays(14)).start(); // close it with the application
        // end::dedup-expiry[]
        return expiry;
    }
}
