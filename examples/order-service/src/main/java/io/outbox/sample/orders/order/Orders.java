package io.outbox.sample.orders.order;

import io.outbox.annotation.Publishes;
import io.outbox.sample.orders.common.NewOrder;
import io.outbox.sample.orders.common.OrderPlaced;
import io.outbox.sample.orders.common.OrderRejected;
import io.outbox.sample.orders.common.PaymentMade;
import io.outbox.sample.orders.common.PaymentRefused;
import io.outbox.sample.orders.common.StockRefused;
import io.outbox.sample.orders.common.Topics;
import java.util.UUID;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Orders and their states. Thread-safe. */
@Component
class Orders {
    private final JdbcTemplate jdbc;

    Orders(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    // tag::orders-place[]
    @Transactional
    @Publishes(destination = Topics.ORDERS, key = "result.orderId")
    public OrderPlaced place(NewOrder order) {
        String id = UUID.randomUUID().toString();
        jdbc.update(
                "insert into placed_order (id, customer, product, quantity, cents) values (?, ?, ?, ?, ?)",
                id,
                order.customer(),
                order.product(),
                order.quantity(),
                order.cents());
        return new OrderPlaced(id, order.customer(), order.product(), order.quantity(), order.cents());
    }
    // end::orders-place[]

    @Transactional
    public void confirm(PaymentMade made) {
        setState(made.orderId(), "CONFIRMED");
    }

    @Transactional
    public void reject(StockRefused refused) {
        setState(refused.orderId(), "REJECTED_NO_STOCK");
    }

    // tag::orders-compensate[]
    /** Compensation: the order is rejected, and inventory is told to release what it had reserved. */
    @Transactional
    @Publishes(destination = Topics.ORDERS, key = "result.orderId")
    public OrderRejected reject(PaymentRefused refused) {
        setState(refused.orderId(), "REJECTED_NO_MONEY");
        return new OrderRejected(refused.orderId());
    }
    // end::orders-compensate[]

    private void setState(String id, String state) {
        int orders = jdbc.update("update placed_order set state = ? where id = ? and state = 'PLACED'", state, id);
        if (orders == 0) {
            throw new IllegalStateException("order " + id + " is decided already, or not known");
        }
    }
}
