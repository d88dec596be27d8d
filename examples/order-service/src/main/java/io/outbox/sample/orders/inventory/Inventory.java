package io.outbox.sample.orders.inventory;

import io.outbox.annotation.Publishes;
import io.outbox.sample.orders.common.OrderPlaced;
import io.outbox.sample.orders.common.OrderRejected;
import io.outbox.sample.orders.common.StockAnswer;
import io.outbox.sample.orders.common.StockRefused;
import io.outbox.sample.orders.common.StockReserved;
import io.outbox.sample.orders.common.Topics;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Stock and what is reserved of it. Thread-safe. */
@Component
class Inventory {
    private final JdbcTemplate jdbc;

    Inventory(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    // tag::orders-reserve[]
    /** Joins the loop's transaction: the message's id, the reservation and the answer are one commit. */
    @Transactional
    @Publishes(destination = Topics.STOCK, key = "result.orderId")
    public StockAnswer reserve(OrderPlaced order) {
        int products = jdbc.update(
                "update stock set available = available - ? where product = ? and available >= ?",
                order.quantity(),
                order.product(),
                order.quantity());
        if (products == 0) {
            return new StockRefused(order.orderId());
        }
        jdbc.update(
                "insert into reservation (order_id, product, quantity) values (?, ?, ?)",
                order.orderId(),
                order.product(),
                order.quantity());
        return new StockReserved(order.orderId(), order.customer(), order.cents());
    }
    // end::orders-reserve[]

    @Transactional
    public void release(OrderRejected rejected) {
        jdbc.update(
                "update stock set available = available + r.quantity from reservation r"
                        + " where r.order_id = ? and r.product = stock.product",
                rejected.orderId());
        jdbc.update("update reservation set state = 'RELEASED' where order_id = ?", rejected.orderId());
    }
}
