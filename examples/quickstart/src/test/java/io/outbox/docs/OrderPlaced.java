package io.outbox.docs;

import io.outbox.MessageType;

// tag::order-placed[]
@MessageType("order.placed")
record OrderPlaced(String id, String customer, long amountCents) {}
// end::order-placed[]
