package io.outbox.kafka;

import io.outbox.internal.Backoff;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.FencedInstanceIdException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One thread of a loop: keeps a {@link ConsumerWorker} at work, with a new Kafka consumer after each failure of the old
 * one. Ends when it is stopped, by an {@link Error}, or when another consumer has taken its place in the group for good.
 */
final class ConsumerThread implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumerThread.class);
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Backoff RESTARTS = new Backoff(Duration.ofMillis(500), Duration.ofSeconds(30));
    private static final Duration LEAVE_LIMIT = Duration.ofSeconds(5);

    /** Makes a worker on a new consumer. */
    interface Workers {
        ConsumerWorker make(Consumer<byte[], byte[]> consumer);
    }

    /** Hears that a thread ends for good. */
    interface Fatal {
        void accept(Throwable failure);
    }

    private final Supplier<Consumer<byte[], byte[]>> consumers;
    private final Workers workers;
    private final Handlers handlers;
    private final Fatal onFatal;
    private final RandomGenerator random;
    private final Thread thread;
    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile @Nullable ConsumerWorker worker;

    ConsumerThread(
            Supplier<Consumer<byte[], byte[]>> consumers,
            Workers workers,
            Handlers handlers,
            Fatal onFatal,
            RandomGenerator random) {
        this.consumers = consumers;
        this.workers = workers;
        this.handlers = handlers;
        this.onFatal = onFatal;
        this.random = random;
        thread = new Thread(this, "outbox-consumer-" + NUMBER.incrementAndGet());
    }

    void start() {
        handlers.start();
        thread.start();
    }

    boolean isAlive() {
        return thread.isAlive() && handlers.isAlive();
    }

    /** Asks it to end after what is at hand. */
    void stop() {
        stop.countDown();
        ConsumerWorker working = worker;
        if (working != null) {
            working.stop();
        }
    }

    /** Waits for its end; true when it has ended, or a handler of its is the calling thread, which ends when it returns. */
    boolean join(Duration limit) throws InterruptedException {
        if (handlers.isCurrent()) {
            return true;
        }
        long deadline = System.nanoTime() + limit.toNanos();
        // zero would wait for ever
        thread.join(Math.max(1, limit.toMillis()));
        return !thread.isAlive() && handlers.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
    }

    void interrupt() {
        handlers.interrupt();
        thread.interrupt();
    }

    @Override
    public void run() {
        try {
            consumeUntilStopped();
        } finally {
            handlers.stop();
        }
    }

    private void consumeUntilStopped() {
        int failures = 0;
        while (stop.getCount() > 0) {
            long began = System.nanoTime();
            try {
                consume();
            } catch (FencedInstanceIdException e) {
                fatal(e);
                return;
            } catch (RuntimeException e) {
                boolean atOnce = System.nanoTime() - began < RESTARTS.longest().toNanos();
                failures = atOnce ? failures + 1 : 1;
                Duration delay = RESTARTS.delayFromHalf(failures, random);
                LOG.error("A Kafka consumer failed; the loop goes on with a new one in {}", delay, e);
                pause(delay);
            } catch (Error e) {
                fatal(e);
                throw e;
            }
        }
    }

    private void consume() {
        Consumer<byte[], byte[]> consumer = consumers.get();
        try {
            ConsumerWorker made = workers.make(consumer);
            worker = made;
            if (stop.getCount() > 0) { // else stop() may have come before there was a worker to tell
                made.run();
            }
        } finally {
            worker = null;
            close(consumer);
        }
    }

    @SuppressWarnings("deprecation") // what replaces it came with Kafka 4.1; this works with older clients too
    private static void close(Consumer<byte[], byte[]> consumer) {
        try {
            consumer.close(LEAVE_LIMIT);
        } catch (KafkaException e) {
            LOG.warn("A Kafka consumer did not close in order", e);
        }
    }

    private void fatal(Throwable failure) {
        LOG.error("A consumer loop ends", failure);
        onFatal.accept(failure);
    }

    private void pause(Duration delay) {
        try {
            boolean stopped = stop.await(delay.toNanos(), TimeUnit.NANOSECONDS);
            LOG.debug("Going on, {}", stopped ? "to the end" : "with a new consumer");
        } catch (InterruptedException e) {
            LOG.debug("Interrupted, to end if it is stopped", e);
        }
    }
}
