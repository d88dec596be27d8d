package io.outbox.rabbit;

import com.rabbitmq.client.AMQP.BasicProperties;

/**
 * One delivery of a queue, and where its acknowledgement goes.
 *
 * @param source the subscription it came from
 * @param tag its delivery tag there
 * @param properties the AMQP properties
 * @param body the bytes
 */
record Delivered(Subscription source, long tag, BasicProperties properties, byte[] body) {
    String queue() {
        return source.queue();
    }
}
