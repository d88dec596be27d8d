/** Kafka: a publisher for the relay and a loop for idempotent consumers, both on kafka-clients. */
@NullMarked
package io.outbox.kafka;

import org.jspecify.annotations.NullMarked;
