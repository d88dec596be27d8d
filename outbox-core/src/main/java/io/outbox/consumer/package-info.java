/** The idempotent consumer: each message takes effect once per consumer group. */
@NullMarked
package io.outbox.consumer;

import org.jspecify.annotations.NullMarked;
