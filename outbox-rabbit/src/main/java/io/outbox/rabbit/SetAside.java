package io.outbox.rabbit;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.outbox.consumer.internal.FailureText;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Copies deliveries to another queue, byte for byte, with the reason in headers: to the dead-letter queue, or to the one
 * where they wait for their next attempt. A copy counts when the broker has confirmed it and a queue has taken it.
 */
final class SetAside {
    static final String REASON = "dl_reason";
    static final String ATTEMPTS = "dl_attempts";
    static final String QUEUE = "dl_queue";
    static final Set<String> HEADERS = Set.of(REASON, ATTEMPTS, QUEUE);

    private static final long CONFIRM_MILLIS = 10_000;

    private SetAside() {}

    /** How often a delivery was tried before it came from the queue where it waited. */
    static int attemptsSoFar(BasicProperties properties) {
        Object attempts =
                properties.getHeaders() == null ? null : properties.getHeaders().get(ATTEMPTS);
        return attempts instanceof Number number ? number.intValue() : 0;
    }

    /**
     * Copies a delivery and waits for the broker.
     *
     * @throws IOException when no queue of that name took it, or the connection failed; it may be there nevertheless
     */
    static void copy(Connection connection, String to, Delivered delivered, Throwable reason, int attempts)
            throws IOException {
        Map<String, Object> headers = new HashMap<>();
        if (delivered.properties().getHeaders() != null) {
            headers.putAll(delivered.properties().getHeaders());
        }
        headers.put(REASON, FailureText.of(reason));
        headers.put(ATTEMPTS, attempts);
        headers.put(QUEUE, delivered.queue());
        BasicProperties properties = delivered
                .properties()
                .builder()
                .headers(headers)
                .deliveryMode(WireFormat.PERSISTENT)
                .expiration(null)
                .build();
        AtomicBoolean returned = new AtomicBoolean();
        try (Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.addReturnListener(message -> returned.set(true));
            channel.basicPublish("", to, true, properties, delivered.body());
            channel.waitForConfirmsOrDie(CONFIRM_MILLIS);
        } catch (TimeoutException e) {
            throw new IOException("no confirm from queue " + to, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while waiting for a confirm from queue " + to, e);
        }
        if (returned.get()) {
            throw new IOException("there is no queue " + to + ": declare it, or let the loop do so (declareQueues)");
        }
    }
}
