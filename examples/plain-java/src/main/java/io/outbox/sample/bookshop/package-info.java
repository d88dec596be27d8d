/** A bookshop without a framework: orders go out by RabbitMQ, parcels come back, each takes effect once. */
@org.jspecify.annotations.NullMarked
package io.outbox.sample.bookshop;
