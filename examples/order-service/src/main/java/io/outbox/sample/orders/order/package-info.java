/** The order service: takes orders by HTTP, and confirms or rejects them. */
@org.jspecify.annotations.NullMarked
package io.outbox.sample.orders.order;
