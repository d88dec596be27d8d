package io.outbox.rabbit;

import com.rabbitmq.client.AMQP.BasicProperties;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import io.outbox.consumer.internal.FailureText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Copies deliveries to another queue, byte for byte, with the reason in headers: to the dead-letter queue, or to the one
 * where they wait for their next attempt. A copy counts when the broker has confirmed it and a queue has taken it.
 *
 * <p>What would keep the broker from taking the copy, or send it to other queues too, is left out: a delivery that cannot be
 * copied would hold up its order for ever.
 */
final class SetAside {
    static final String REASON = "dl_reason";
    static final String ATTEMPTS = "dl_attempts";
    static final String QUEUE = "dl_queue";
    /** Who sent it, if RabbitMQ was told to check that. */
    static final String USER = "dl_user_id";
    /** Headers that had no room beside the others. */
    static final String LEFT_OUT = "dl_left_out";

    static final Set<String> HEADERS = Set.of(REASON, ATTEMPTS, QUEUE, USER, LEFT_OUT);

    private static final long CONFIRM_MILLIS = 10_000;
    private static final long MOST_ATTEMPTS = 1_000_000;
    private static final int SHORTENED = 40;
    private static final int MAX_NAMED = 20;

    private SetAside() {}

    /** How often a delivery was tried before it came from the queue where it waited. */
    static int attemptsSoFar(BasicProperties properties) {
        Object attempts =
                properties.getHeaders() == null ? null : properties.getHeaders().get(ATTEMPTS);
        return attempts instanceof Number number ? (int) Math.min(Math.max(0, number.longValue()), MOST_ATTEMPTS) : 0;
    }

    /** The properties of a copy: those of the delivery, less what would keep the broker from taking it, or send it elsewhere. */
    static BasicProperties properties(BasicProperties of, String queue, Throwable reason, int attempts) {
        Map<String, Object> headers = new HashMap<>();
        if (of.getHeaders() != null) {
            headers.putAll(of.getHeaders());
        }
        headers.keySet().removeAll(WireFormat.STEERING);
        headers.put(REASON, FailureText.of(reason));
        headers.put(ATTEMPTS, attempts);
        headers.put(QUEUE, queue);
        if (of.getUserId() != null) {
            headers.put(USER, of.getUserId());
        }
        // a broker takes no message in the name of another user than the connection's
        return of.builder()
                .headers(headers)
                .userId(null)
                .deliveryMode(WireFormat.PERSISTENT)
                .expiration(null)
                .build();
    }

    /** Leaves the longest headers out until the rest, with all other properties, fits into one frame. */
    private static BasicProperties fitting(BasicProperties properties, int frameMax) throws IOException {
        if (frameMax == 0 || size(properties) <= frameMax) {
            return properties;
        }
        Map<String, Object> headers = new HashMap<>(properties.getHeaders());
        List<String> left = new ArrayList<>();
        BasicProperties fitting = properties;
        for (String name : byLength(headers)) {
            headers.remove(name);
            left.add(name.length() <= SHORTENED ? name : name.substring(0, SHORTENED) + "…");
            headers.put(LEFT_OUT, String.join(", ", left.subList(0, Math.min(left.size(), MAX_NAMED))));
            fitting = properties.builder().headers(headers).build();
            if (size(fitting) <= frameMax) {
                break;
            }
        }
        return fitting;
    }

    private static List<String> byLength(Map<String, Object> headers) {
        return headers.keySet().stream()
                .filter(name -> !HEADERS.contains(name))
                .sorted(Comparator.comparingInt((String name) ->
                        -name.length() - String.valueOf(headers.get(name)).length()))
                .toList();
    }

    /** What the frame of a message's properties takes. */
    private static int size(BasicProperties properties) throws IOException {
        return properties.toFrame(0, 0).size();
    }

    /**
     * Copies a delivery and waits for the broker.
     *
     * @throws IOException when no queue of that name took it, or the connection failed; it may be there nevertheless
     */
    static void copy(Connection connection, String to, Delivered delivered, Throwable reason, int attempts)
            throws IOException {
        BasicProperties properties = properties(delivered.properties(), delivered.queue(), reason, attempts);
        AtomicBoolean returned = new AtomicBoolean();
        try (Channel channel = connection.createChannel()) {
            channel.confirmSelect();
            channel.addReturnListener(message -> returned.set(true));
            BasicProperties fitting = fitting(properties, connection.getFrameMax());
            channel.basicPublish("", to, true, fitting, delivered.body());
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
