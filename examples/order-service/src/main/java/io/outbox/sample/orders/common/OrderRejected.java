package io.outbox.sample.orders.common;

import io.outbox.MessageType;

/** An order was rejected after stock had been reserved for it; topic {@code orders}. */
@MessageType("order.rejected")
public record OrderRejected(String orderId) {}
