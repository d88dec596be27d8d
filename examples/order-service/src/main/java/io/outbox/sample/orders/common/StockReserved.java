package io.outbox.sample.orders.common;

import io.outbox.MessageType;

/** The stock of an order is reserved, it can be charged; topic {@code stock}. */
@MessageType("stock.reserved")
public record StockReserved(String orderId, String customer, long cents) implements StockAnswer {}
