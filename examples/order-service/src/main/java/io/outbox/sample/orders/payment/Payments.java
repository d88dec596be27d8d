package io.outbox.sample.orders.payment;

import io.outbox.annotation.Publishes;
import io.outbox.sample.orders.common.PaymentAnswer;
import io.outbox.sample.orders.common.PaymentMade;
import io.outbox.sample.orders.common.PaymentRefused;
import io.outbox.sample.orders.common.StockReserved;
import io.outbox.sample.orders.common.Topics;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.stereotype.Component;
import org.springframework.transaction.annotation.Transactional;

/** Customers' accounts and what was charged to them. Thread-safe. */
@Component
class Payments {
    private final JdbcTemplate jdbc;

    Payments(JdbcTemplate jdbc) {
        this.jdbc = jdbc;
    }

    @Transactional
    @Publishes(destination = Topics.PAYMENTS, key = "result.orderId")
    public PaymentAnswer charge(StockReserved order) {
        int accounts = jdbc.update(
                "update account set balance = balance - ? where customer = ? and balance >= ?",
                order.cents(),
                order.customer(),
                order.cents());
        if (accounts == 0) {
            return new PaymentRefused(order.orderId());
        }
        jdbc.update(
                "insert into charge (order_id, customer, cents) values (?, ?, ?)",
                order.orderId(),
                order.customer(),
                order.cents());
        return new PaymentMade(order.orderId());
    }
}
