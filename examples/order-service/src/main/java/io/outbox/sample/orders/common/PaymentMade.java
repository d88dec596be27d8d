package io.outbox.sample.orders.common;

import io.outbox.MessageType;

/** An order is paid; topic {@code payments}. */
@MessageType("payment.made")
public record PaymentMade(String orderId) implements PaymentAnswer {}
