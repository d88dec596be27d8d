package io.outbox.sample.orders.common;

/** What inventory says to an order. */
public sealed interface StockAnswer permits StockReserved, StockRefused {
    /** Returns the order. */
    String orderId();
}
