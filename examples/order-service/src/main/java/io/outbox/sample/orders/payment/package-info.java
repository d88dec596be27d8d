/** The payment service: charges customers. */
@org.jspecify.annotations.NullMarked
package io.outbox.sample.orders.payment;
