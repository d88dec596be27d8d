package io.outbox.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.outbox.consumer.internal.FailureText;
import io.outbox.internal.Backoff;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a connection with subscriptions to all queues. The first thing that goes wrong with one of them ends the
 * connection, and after a wait there is another: so nothing has to be recovered piece by piece.
 */
final class ReadingThread implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ReadingThread.class);
    private static final Backoff RECONNECT = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(10));
    private static final int CLOSE_MILLIS = 5_000;
    private static final Duration LONGEST_ANSWER = Duration.ofSeconds(60);

    private final LoopSettings settings;
    private final ConnectionFactory factory;
    private final Consumer<Delivered> deliveries;
    private final Runnable onEnd;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Throwable problem = new IOException("not connected yet");
    private volatile @Nullable Connection connection;
    private volatile boolean closed;

    ReadingThread(String name, LoopSettings settings, Consumer<Delivered> deliveries, Runnable onEnd) {
        this.settings = settings;
        this.deliveries = deliveries;
        this.onEnd = onEnd;
        factory = ClientSettings.of(settings.factory(), LONGEST_ANSWER);
        thread = new Thread(this, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Ends the subscriptions; the connection stays until {@link #close}. */
    void stop() {
        stop.countDown();
    }

    /** Closes the connection, also one that is being made. */
    void close() {
        stop();
        closed = true;
        Connection current = connection;
        if (current != null) {
            current.abort(CLOSE_MILLIS);
        }
        thread.interrupt();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    /** What keeps it from reading; null while it reads. */
    @Nullable
    Throwable problem() {
        return problem;
    }

    @Override
    public void run() {
        int failures = 0;
        while (stop.getCount() > 0) {
            CountDownLatch end = new CountDownLatch(1);
            try {
                read(cause -> {
                    problem = cause;
                    end.countDown();
                });
                failures = 0;
                awaitEither(end);
            } catch (IOException | TimeoutException | RuntimeException e) { // such as a name that is too long
                problem = e;
            }
            if (stop.getCount() == 0) {
                return;
            }
            abort();
            onEnd.run();
            failures++;
            Throwable cause = problem;
            LOG.warn(
                    "Queues {} cannot be read, trying again: {}",
                    settings.queues(),
                    cause == null ? "the subscription ended" : FailureText.of(cause));
            pause(RECONNECT
                    .delayFromHalf(failures, RandomGenerator.getDefault())
                    .toNanos());
        }
    }

    private void read(Consumer<Throwable> ended) throws IOException, TimeoutException {
        String name = "outbox consumer " + settings.group();
        Connection opened = settings.addresses().isEmpty()
                ? factory.newConnection(name)
                : factory.newConnection(settings.addresses(), name);
        connection = opened;
        if (closed) {
            opened.abort(CLOSE_MILLIS);
            throw new IOException("closed while connecting");
        }
        if (settings.declareQueues()) {
            declareQueues(opened);
        }
        List<Subscription> subscriptions = new ArrayList<>();
        for (String queue : settings.queues()) {
            Channel channel = opened.createChannel();
            channel.basicQos(settings.prefetch());
            Subscription subscription = new Subscription(channel, queue, settings, deliveries, ended);
            channel.addShutdownListener(ended::accept);
            channel.basicConsume(queue, false, subscription);
            subscriptions.add(subscription);
        }
        if (subscriptions.stream().noneMatch(Subscription::isOver)) {
            problem = null;
            LOG.info("Consumer group {} reads queues {}", settings.group(), settings.queues());
        }
    }

    private void declareQueues(Connection opened) throws IOException, TimeoutException {
        try (Channel channel = opened.createChannel()) {
            for (String queue : settings.queues()) {
                channel.queueDeclare(settings.deadLetterQueue().apply(queue), true, false, false, Map.of());
                Duration delay = settings.retryQueueDelay();
                if (delay != null) {
                    Map<String, Object> arguments = new HashMap<>();
                    arguments.put("x-message-ttl", delay.toMillis());
                    arguments.put("x-dead-letter-exchange", "");
                    arguments.put("x-dead-letter-routing-key", queue);
                    channel.queueDeclare(settings.retryQueue(queue), true, false, false, arguments);
                }
            }
        }
    }

    private void awaitEither(CountDownLatch end) {
        try {
            while (stop.getCount() > 0 && !end.await(100, TimeUnit.MILLISECONDS)) {
                // one of the two will come
            }
        } catch (InterruptedException e) {
            LOG.debug("Interrupted, to end if it is stopped", e);
        }
    }

    private void abort() {
        Connection current = connection;
        if (current != null) {
            current.abort(CLOSE_MILLIS);
        }
    }

    private void pause(long nanos) {
        try {
            boolean stopped = stop.await(nanos, TimeUnit.NANOSECONDS);
            LOG.debug("Going on, {}", stopped ? "to the end" : "with a new connection");
        } catch (InterruptedException e) {
            LOG.debug("Interrupted, to end if it is stopped", e);
        }
    }
}
