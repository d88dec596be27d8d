/** An order over three services: the demonstration and its report. */
@org.jspecify.annotations.NullMarked
package io.outbox.sample.orders;
