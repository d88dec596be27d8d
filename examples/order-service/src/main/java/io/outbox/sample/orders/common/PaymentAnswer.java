package io.outbox.sample.orders.common;

/** What payment says to an order. */
public sealed interface PaymentAnswer permits PaymentMade, PaymentRefused {
    /** Returns the order. */
    String orderId();
}
