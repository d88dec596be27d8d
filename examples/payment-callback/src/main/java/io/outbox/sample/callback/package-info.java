/** A service that a payment provider notifies: each payment is booked once, however it is heard of. */
@org.jspecify.annotations.NullMarked
package io.outbox.sample.callback;
