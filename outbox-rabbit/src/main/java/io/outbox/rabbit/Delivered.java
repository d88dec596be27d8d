package io.outbox.rabbit;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.AlreadyClosedException;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.consumer.internal.Delivery;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * One delivery of a queue.
 *
 * @param source the subscription it came from, where its acknowledgement goes
 * @param tag its delivery tag there
 * @param properties the AMQP properties
 * @param body the bytes
 */
record Delivered(Subscription source, long tag, BasicProperties properties, byte[] body) implements Delivery {
    String queue() {
        return source.queue();
    }

    @Override
    public @Nullable Object order() {
        return DeliveryDecoder.key(properties);
    }

    /** Which of several threads handles it: always the same for the same key. */
    int lane(int lanes) {
        Object key = order();
        int hash = key == null ? Long.hashCode(tag) : key.hashCode();
        return Math.floorMod(hash ^ (hash >>> 16), lanes);
    }

    @Override
    public ReceivedMessage decode() {
        return DeliveryDecoder.decode(queue(), properties, body, 1);
    }

    @Override
    public int attemptsBefore() {
        return SetAside.attemptsSoFar(properties);
    }

    @Override
    public void done() {
        source.done(tag);
    }

    @Override
    public String setAside(Throwable reason, int attempts) throws SetAsideException {
        String to = source.settings().deadLetterQueue().apply(queue());
        copy(to, reason, attempts);
        return "queue " + to;
    }

    @Override
    public boolean postpone(Throwable reason, int attempts) throws SetAsideException {
        LoopSettings settings = source.settings();
        if (settings.retryQueueDelay() == null || attempts % settings.attemptsInPlace() != 0) {
            return false;
        }
        copy(settings.retryQueue(queue()), reason, attempts);
        return true;
    }

    private void copy(String to, Throwable reason, int attempts) throws SetAsideException {
        try {
            SetAside.copy(source.getChannel().getConnection(), to, this, reason, attempts);
        } catch (IOException | AlreadyClosedException e) {
            throw new SetAsideException("queue " + to + " does not take it", e);
        }
    }

    @Override
    public String place() {
        return "message " + properties.getMessageId() + " of queue " + queue();
    }

    @Override
    public String toString() {
        return place();
    }
}
