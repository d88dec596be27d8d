package io.outbox.quickstart;

import io.outbox.consumer.ReceivedMessage;
import io.outbox.consumer.TypedHandlers.PayloadHandler;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;

/**
 * The billing service: charges an order. Its table would take a second charge of the same order without a word, so that
 * the report can tell whether there was one.
 */
final class Billing implements PayloadHandler<Connection, Order> {
    static final String GROUP = "billing";

    private final String insert;

    Billing(String schema) {
        insert = "insert into " + schema + ".billing_charge (order_id, amount_cents, currency, charged_at)"
                + " values (?, ?, ?, ?)";
    }

    static String table(String schema) {
        return "create table " + schema + ".billing_charge (charge_no bigint generated always as identity,"
                + " order_id varchar(100) not null, amount_cents bigint not null, currency char(3) not null,"
                + " charged_at timestamp with time zone not null)";
    }

    @Override
    public void handle(Connection connection, Order order, ReceivedMessage message) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            statement.setString(1, order.id());
            statement.setLong(2, order.amountCents());
            statement.setString(3, order.currency());
            statement.setTimestamp(4, Timestamp.from(Instant.now()));
            statement.executeUpdate();
        }
    }
}
