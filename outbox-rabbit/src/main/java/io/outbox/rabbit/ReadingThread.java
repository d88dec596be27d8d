package io.outbox.rabbit;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
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
    /** So long in any case: acknowledgements are lost when a socket is closed before they are read. */
    private static final int SHORT_CLOSE_MILLIS = 1_000;

    private final LoopSettings settings;
    private final Connector connector;
    private final Consumer<Delivered> deliveries;
    private final Runnable onEnd;
    private final CountDownLatch stop = new CountDownLatch(1);
    private final Thread thread;
    private volatile @Nullable Throwable problem = new IOException("not connected yet");
    private volatile @Nullable BrokerConnection connection;
    private volatile boolean closed;

    ReadingThread(String name, LoopSettings settings, Consumer<Delivered> deliveries, Runnable onEnd) {
        this.settings = settings;
        this.deliveries = deliveries;
        this.onEnd = onEnd;
        connector = new Connector(
                ClientSettings.of(settings.factory(), settings.longestAnswer()),
                settings.addresses(),
                "outbox consumer " + settings.group());
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

    /**
     * Closes the connection, also one that is being made.
     *
     * @param limit how long the broker may take to answer; 1 s is the least, 5 s the most
     */
    void close(Duration limit) {
        stop();
        closed = true;
        abort((int) Math.max(SHORT_CLOSE_MILLIS, Math.min(limit.toMillis(), CLOSE_MILLIS)));
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
                    if (end.getCount() > 0) { // the first one; others may come when the next connection is there
                        problem = cause;
                        end.countDown();
                    }
                });
                failures = 0;
                awaitEither(end);
            } catch (IOException | TimeoutException | RuntimeException e) { // such as a name that is too long
                problem = e;
            }
            end.countDown();
            if (stop.getCount() == 0) {
                return;
            }
            abort(CLOSE_MILLIS);
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
        BrokerConnection broker = connector.open();
        connection = broker;
        if (closed) {
            broker.abort(CLOSE_MILLIS);
            throw new IOException("closed while connecting");
        }
        Connection opened = broker.connection();
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

    /**
     * Waits until a subscription has ended, or all are to. Looks at the connection itself, too: when its other side is gone without a
     * word, the client tells nobody of it while a thread still sends, until the operating system gives up.
     */
    private void awaitEither(CountDownLatch end) {
        BrokerConnection current = connection;
        try {
            while (stop.getCount() > 0
                    && !end.await(100, TimeUnit.MILLISECONDS)
                    && (current == null || current.connection().isOpen())) {
                // one of these will come
            }
            if (current != null && problem == null) {
                problem = current.connection().getCloseReason();
            }
        } catch (InterruptedException e) {
            LOG.debug("Interrupted, to end if it is stopped", e);
        }
    }

    private void abort(int millis) {
        BrokerConnection current = connection;
        if (current != null) {
            current.abort(millis);
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
