package io.outbox.sample.orders.common;

/** What a customer asks for. */
public record NewOrder(String customer, String product, int quantity, long cents) {}
