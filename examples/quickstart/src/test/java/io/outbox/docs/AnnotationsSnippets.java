package io.outbox.docs;

import io.outbox.Outbox;
import io.outbox.annotation.Idempotent;
import io.outbox.annotation.OutboxProxies;
import io.outbox.annotation.Publishes;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.Transactions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.function.Supplier;
import javax.sql.DataSource;

/** The snippets of docs/annotations.md. */
final class AnnotationsSnippets {
    // tag::annotated-orders[]
    interface Orders {
        @Publishes(destination = "orders", key = "result.id")
        OrderPlaced place(String customer, long amountCents) throws SQLException;

        @Idempotent(consumer = "payments", id = "arg0")
        void pay(String notificationNumber, String orderId) throws SQLException;
    }
    // end::annotated-orders[]

    /** Works on the connection of the call. */
    static final class JdbcOrders implements Orders {
        private final Supplier<Connection> connection;
        private int last;

        JdbcOrders(Supplier<Connection> connection) {
            this.connection = connection;
        }

        @Override
        public OrderPlaced place(String customer, long amountCents) throws SQLException {
            OrderPlaced order = new OrderPlaced("o-" + ++last, customer, amountCents);
            insert(order.id());
            return order;
        }

        @Override
        public void pay(String notificationNumber, String orderId) throws SQLException {
            insert("paid " + orderId);
        }

        private void insert(String text) throws SQLException {
            try (PreparedStatement insert =
                    connection.get().prepareStatement("insert into journal (entry) values (?)")) {
                insert.setString(1, text);
                insert.executeUpdate();
            }
        }
    }

    private AnnotationsSnippets() {}

    static Orders wrap(DataSource dataSource) {
        JdbcOutboxStore store = JdbcOutboxStore.of(dataSource);
        // tag::wrap[]
        OutboxProxies<Connection> proxies = OutboxProxies.of(
                        Transactions.of(dataSource), Outbox.builder(store).build())
                .withDedup(JdbcDedupStore.of(dataSource));
        Orders orders = proxies.wrap(Orders.class, new JdbcOrders(proxies::transaction));
        // end::wrap[]
        return orders;
    }
}
