/** The inventory service: reserves stock for orders, and releases it. */
@org.jspecify.annotations.NullMarked
package io.outbox.sample.orders.inventory;
