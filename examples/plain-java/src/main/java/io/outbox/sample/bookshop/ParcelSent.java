package io.outbox.sample.bookshop;

import io.outbox.MessageType;

/** Tells the shop that an order is on its way. */
@MessageType("parcel.sent")
record ParcelSent(String orderId, int copies) {}
