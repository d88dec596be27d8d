/** For those who have Debezium read the outbox table: a transformation for Kafka Connect. */
@NullMarked
package io.outbox.debezium;

import org.jspecify.annotations.NullMarked;
