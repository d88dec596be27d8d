package io.outbox.quickstart;

import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.jdbc.Transactions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;

/** The order service: writes an order and its message in one transaction. */
final class Shop {
    private final Transactions transactions;
    private final Outbox<Connection> outbox;
    private final String topic;
    private final String insert;

    /** What a transaction in trouble throws, to be rolled back. */
    static final class DeclinedException extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }

    Shop(Transactions transactions, Outbox<Connection> outbox, String schema, String topic) {
        this.transactions = transactions;
        this.outbox = outbox;
        this.topic = topic;
        insert = "insert into " + schema + ".shop_order (id, customer, amount_cents, currency, placed_at)"
                + " values (?, ?, ?, ?, ?)";
    }

    static String table(String schema) {
        return "create table " + schema + ".shop_order (order_no bigint generated always as identity,"
                + " id varchar(100) primary key, customer varchar(100) not null,"
                + " amount_cents bigint not null, currency char(3) not null,"
                + " placed_at timestamp with time zone not null)";
    }

    /** Places an order; when it is declined at the last moment, neither the order nor the message exists. */
    void place(Order order, boolean isDeclined) throws SQLException {
        transactions.inTransaction(connection -> {
            insert(connection, order);
            outbox.publish(
                    connection,
                    Message.to(topic).key(order.customer()).payload(order).build());
            if (isDeclined) {
                throw new DeclinedException();
            }
            return order;
        });
    }

    private void insert(Connection connection, Order order) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(insert)) {
            statement.setString(1, order.id());
            statement.setString(2, order.customer());
            statement.setLong(3, order.amountCents());
            statement.setString(4, order.currency());
            statement.setTimestamp(5, Timestamp.from(Instant.now()));
            statement.executeUpdate();
        }
    }
}
