package io.outbox.torture;

import com.rabbitmq.client.CancelCallback;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import com.rabbitmq.client.ShutdownSignalException;
import io.outbox.torture.history.History;
import io.outbox.torture.worker.Names;
import io.outbox.torture.worker.Numbered;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads RabbitMQ's second queue, past the proxy, for the whole run, and remembers what came in which order. What the broker
 * gives again because a connection was lost before it was acknowledged is no copy of the relay's, and marked. Thread-safe.
 */
final class WireObserver implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WireObserver.class);
    private static final int UNACKNOWLEDGED = 1_000;
    private static final int ACKNOWLEDGE_AT_ONCE = 100;
    private static final long RECONNECT_MILLIS = 300;

    private final ConnectionFactory factory;
    private final Thread thread;
    private final CountDownLatch ended = new CountDownLatch(1);
    private final Map<String, String> keys = new HashMap<>();
    /** Guarded by this. */
    private final List<Arrival> arrivals = new ArrayList<>();

    private volatile boolean closed;

    private record Arrival(String key, int number, boolean redelivered, Instant at) {}

    WireObserver(ConnectionFactory factory) {
        this.factory = factory.clone();
        this.factory.setAutomaticRecoveryEnabled(false);
        thread = new Thread(this::run, "wire-observer");
        thread.setDaemon(true);
        thread.start();
    }

    /** Waits for a message with an empty body, which must be the last one, and tells what came before it. */
    void tell(History history, Duration limit) throws InterruptedException {
        if (!ended.await(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new IllegalStateException("the queue " + Names.WIRE + " has no end");
        }
        synchronized (this) {
            for (int i = 0; i < arrivals.size(); i++) {
                Arrival arrival = arrivals.get(i);
                if (!arrival.redelivered() || !history.hasArrived(arrival.key(), arrival.number())) {
                    history.arrived(arrival.key(), arrival.number(), arrival.at(), "place " + i);
                }
            }
        }
    }

    @Override
    public void close() {
        closed = true;
        thread.interrupt();
    }

    private void run() {
        while (!closed) {
            try {
                readUntilLost();
            } catch (IOException | TimeoutException | ShutdownSignalException e) {
                LOG.info("The observer connects again: {}", e.toString());
            } catch (InterruptedException e) {
                return; // closed
            }
        }
    }

    private void readUntilLost() throws IOException, TimeoutException, InterruptedException {
        Thread.sleep(RECONNECT_MILLIS);
        CountDownLatch lost = new CountDownLatch(1);
        try (Connection connection = factory.newConnection("torture-observer")) {
            connection.addShutdownListener(cause -> lost.countDown());
            Channel channel = connection.createChannel();
            channel.addShutdownListener(cause -> lost.countDown());
            channel.basicQos(UNACKNOWLEDGED);
            CancelCallback cancelled = tag -> lost.countDown();
            channel.basicConsume(Names.WIRE, false, (tag, delivery) -> remember(channel, delivery), cancelled);
            lost.await();
        }
    }

    private void remember(Channel channel, Delivery delivery) throws IOException {
        long number = delivery.getEnvelope().getDeliveryTag();
        if (delivery.getBody().length == 0) {
            channel.basicAck(number, true);
            ended.countDown();
            return;
        }
        Numbered message = Numbered.of(delivery.getBody());
        synchronized (this) {
            String key = keys.computeIfAbsent(message.key(), same -> same);
            arrivals.add(
                    new Arrival(key, message.number(), delivery.getEnvelope().isRedeliver(), Instant.now()));
        }
        if (number % ACKNOWLEDGE_AT_ONCE == 0) {
            channel.basicAck(number, true);
        }
    }
}
