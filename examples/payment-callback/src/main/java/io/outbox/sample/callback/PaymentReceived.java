package io.outbox.sample.callback;

import io.outbox.MessageType;

/** Tells bookkeeping of a payment. */
@MessageType("payment.received")
record PaymentReceived(String number, String invoice, long cents) {}
