package io.outbox.sample.orders.common;

import io.outbox.MessageType;

/** The customer's balance is too low; topic {@code payments}. */
@MessageType("payment.refused")
public record PaymentRefused(String orderId) implements PaymentAnswer {}
