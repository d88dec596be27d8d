/** Carries messages to RabbitMQ. */
@NullMarked
package io.outbox.rabbit;

import org.jspecify.annotations.NullMarked;
