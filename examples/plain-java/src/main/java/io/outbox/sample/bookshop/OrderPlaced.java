package io.outbox.sample.bookshop;

import io.outbox.MessageType;

/** Tells the warehouse what to send. */
@MessageType("order.placed")
record OrderPlaced(String orderId, String customer, String book, int copies) {}
