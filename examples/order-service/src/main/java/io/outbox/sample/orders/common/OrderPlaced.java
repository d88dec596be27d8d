package io.outbox.sample.orders.common;

import io.outbox.MessageType;

/** An order was placed; topic {@code orders}. */
@MessageType("order.placed")
public record OrderPlaced(String orderId, String customer, String product, int quantity, long cents) {}
