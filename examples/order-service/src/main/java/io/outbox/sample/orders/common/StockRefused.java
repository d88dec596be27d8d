package io.outbox.sample.orders.common;

import io.outbox.MessageType;

/** There is too little stock for an order; topic {@code stock}. */
@MessageType("stock.refused")
public record StockRefused(String orderId) implements StockAnswer {}
