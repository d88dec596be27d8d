package io.outbox.testkit;

import static java.util.Objects.requireNonNull;

import io.outbox.consumer.ReceivedMessage;
import io.outbox.consumer.UnknownTypeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A consumer loop of the in-process broker: hands each message of its topics to a handler, at least once, and in the
 * topic's order as long as it is the only consumer of its group.
 *
 * <p>A message is acknowledged when the handler returns. When it throws, the same message comes again, and later ones wait;
 * an {@link UnknownTypeException}, or one failure too many, makes it a dead letter. A message that was handled while the
 * broker was stopped could not be acknowledged and comes again. Thread-safe.
 */
public final class InProcessConsumer implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(InProcessConsumer.class);
    private static final AtomicInteger THREADS = new AtomicInteger();
    private static final long CLOSE_SECONDS = 10;
    private static final int FARTHEST_REPETITION = 100;

    private final InProcessBroker broker;
    private final String group;
    private final Handler handler;
    private final List<InProcessTopic.Group> sources = new ArrayList<>();
    private final @Nullable Random random;
    private final double repeatShare;
    private final Duration redeliveryDelay;
    private final int maxAttempts;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final AtomicLong deliveries = new AtomicLong();
    private final AtomicLong repetitions = new AtomicLong();
    /** Guarded by the broker's monitor. */
    private final List<DeadLetter> deadLetters = new ArrayList<>();
    /** The delivery that is not acknowledged yet; guarded by this. */
    private InProcessTopic.@Nullable Delivery current;
    /** Where the search for the next message begins, so that no topic starves; guarded by the broker's monitor. */
    private int turn;

    private volatile @Nullable Thread thread;

    private InProcessConsumer(Builder builder) {
        broker = builder.broker;
        group = builder.group;
        handler = builder.handler;
        random = builder.random;
        repeatShare = builder.repeatShare;
        redeliveryDelay = builder.redeliveryDelay;
        maxAttempts = builder.maxAttempts;
        synchronized (broker) {
            builder.topics.forEach(topic -> sources.add(broker.topic(topic).group(group)));
            broker.register(this);
        }
    }

    /**
     * Starts a consumer.
     *
     * @param broker where messages come from
     * @param group the consumer group: its consumers share the messages
     * @param handler handles a message
     * @return a new builder
     */
    public static Builder builder(InProcessBroker broker, String group, Handler handler) {
        return new Builder(broker, group, handler);
    }

    /** Handles messages of the in-process broker. */
    @FunctionalInterface
    public interface Handler {
        /**
         * Handles a message, mostly by giving it to an {@link io.outbox.consumer.IdempotentConsumer}.
         *
         * @param message the message, with the number of this attempt
         * @throws Exception any failure: the message comes again
         */
        void handle(ReceivedMessage message) throws Exception;
    }

    /**
     * A message that was set aside.
     *
     * @param message the message
     * @param cause why
     */
    public record DeadLetter(ReceivedMessage message, Exception cause) {}

    /**
     * Starts a thread that handles messages until the consumer is closed.
     *
     * @throws IllegalStateException when it was started before
     */
    public synchronized void start() {
        if (thread != null) {
            throw new IllegalStateException("the consumer of group " + group + " was started before");
        }
        Thread started = new Thread(this::run, "outbox-in-process-consumer-" + THREADS.incrementAndGet());
        started.setDaemon(true);
        thread = started;
        started.start();
    }

    private void run() {
        try {
            while (awaitMessage()) {
                handleNext();
                if (hasFailed()) {
                    closed.await(redeliveryDelay.toNanos(), TimeUnit.NANOSECONDS);
                }
            }
        } catch (InterruptedException e) {
            LOG.warn("the consumer of group {} was interrupted and ends", group);
        } finally {
            giveBack();
        }
    }

    /** Waits until there is something to do; false when closed. */
    private boolean awaitMessage() throws InterruptedException {
        if (hasFailed()) {
            return !isClosed();
        }
        synchronized (broker) {
            while (!isClosed()) {
                if (broker.isAvailable() && sources.stream().anyMatch(InProcessTopic.Group::hasNext)) {
                    return true;
                }
                broker.wait();
            }
            return false;
        }
    }

    /**
     * Handles one message on the calling thread, if there is one: the way to drive a consumer by single steps instead of
     * {@link #start}. A handler's exception does not come out; the message comes again with the next call.
     *
     * @return false when there was nothing to handle
     */
    public synchronized boolean handleNext() {
        InProcessTopic.Delivery delivery = current != null ? current : poll();
        if (delivery == null) {
            return false;
        }
        current = delivery;
        ReceivedMessage message = delivery.message();
        deliveries.incrementAndGet();
        try {
            handler.handle(message);
            acknowledge(delivery);
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            failed(delivery, e);
        }
        return true;
    }

    private InProcessTopic.@Nullable Delivery poll() {
        synchronized (broker) {
            if (isClosed() || !broker.isAvailable()) {
                return null;
            }
            for (int i = 0; i < sources.size(); i++) {
                turn = (turn + 1) % sources.size();
                InProcessTopic.Delivery delivery = sources.get(turn).poll();
                if (delivery != null) {
                    return delivery;
                }
            }
            return null;
        }
    }

    private synchronized void acknowledge(InProcessTopic.Delivery delivery) {
        current = null;
        synchronized (broker) {
            if (!broker.isAvailable()) {
                delivery.group().giveBack(delivery.nextAttempt());
                return;
            }
            delivery.group().acknowledge(delivery);
            if (random != null && random.nextDouble() < repeatShare) {
                delivery.group().repeat(delivery, random.nextInt(FARTHEST_REPETITION));
                repetitions.incrementAndGet();
            }
        }
    }

    private synchronized void failed(InProcessTopic.Delivery delivery, Exception cause) {
        ReceivedMessage message = delivery.message();
        if (cause instanceof UnknownTypeException || message.attempt() >= maxAttempts) {
            LOG.warn("{} is a dead letter of group {} after attempt {}", message, group, message.attempt(), cause);
            synchronized (broker) {
                deadLetters.add(new DeadLetter(message, cause));
                delivery.group().acknowledge(delivery);
            }
            current = null;
        } else {
            LOG.warn("{} failed in group {}, attempt {}; it comes again", message, group, message.attempt(), cause);
            current = delivery.nextAttempt();
        }
    }

    private synchronized boolean hasFailed() {
        return current != null;
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    private synchronized void giveBack() {
        InProcessTopic.Delivery unacknowledged = current;
        current = null;
        if (unacknowledged != null) {
            synchronized (broker) {
                unacknowledged.group().giveBack(unacknowledged);
                broker.notifyAll();
            }
        }
    }

    /**
     * Returns how many times the handler was called.
     *
     * @return the count, repetitions and failures among it
     */
    public long deliveries() {
        return deliveries.get();
    }

    /**
     * Returns how many messages were chosen to be repeated though they had been acknowledged.
     *
     * @return the count
     */
    public long repetitions() {
        return repetitions.get();
    }

    /**
     * Returns the messages that were set aside.
     *
     * @return a copy, in the order in which they failed
     */
    public List<DeadLetter> deadLetters() {
        synchronized (broker) {
            return List.copyOf(deadLetters);
        }
    }

    /**
     * Stops the loop and gives a message that is not acknowledged back to the group. Waits at most ten seconds for a
     * handler that is running, unless it is called by that. Repeating it does nothing.
     */
    @Override
    public void close() {
        closed.countDown();
        synchronized (broker) {
            broker.unregister(this);
            broker.notifyAll();
        }
        Thread running = thread;
        if (running == null) {
            giveBack();
            return;
        }
        if (running == Thread.currentThread()) {
            return;
        }
        try {
            running.join(TimeUnit.SECONDS.toMillis(CLOSE_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Builds a consumer; confined to one thread. */
    public static final class Builder {
        private final InProcessBroker broker;
        private final String group;
        private final Handler handler;
        private final Set<String> topics = new LinkedHashSet<>();
        private @Nullable Random random;
        private double repeatShare;
        private Duration redeliveryDelay = Duration.ofMillis(10);
        private int maxAttempts = Integer.MAX_VALUE;

        private Builder(InProcessBroker broker, String group, Handler handler) {
            this.broker = requireNonNull(broker, "broker");
            this.group = requireNonNull(group, "group");
            this.handler = requireNonNull(handler, "handler");
        }

        /**
         * Adds a topic.
         *
         * @param topic the topic; created when it does not exist
         * @return this builder
         */
        public Builder topic(String topic) {
            topics.add(requireNonNull(topic, "topic"));
            return this;
        }

        /**
         * Delivers some messages once more though they were acknowledged, up to 99 deliveries later, as a broker may
         * after a rebalance or a lost connection.
         *
         * @param share which part of the deliveries is repeated, 0 to 0.9; repetitions may be repeated again
         * @param random decides; with a fixed seed and single steps always the same
         * @return this builder
         */
        public Builder repeat(double share, Random random) {
            if (!(share >= 0 && share <= 0.9)) {
                throw new IllegalArgumentException("share must be 0 to 0.9, was " + share);
            }
            repeatShare = share;
            this.random = requireNonNull(random, "random");
            return this;
        }

        /**
         * Sets how long the loop waits before a message that failed comes again.
         *
         * @param delay zero or more; default 10 ms
         * @return this builder
         */
        public Builder redeliveryDelay(Duration delay) {
            if (delay.isNegative()) {
                throw new IllegalArgumentException("redeliveryDelay must not be negative, was " + delay);
            }
            redeliveryDelay = delay;
            return this;
        }

        /**
         * Sets how often a message is tried before it becomes a dead letter. Default: until it passes.
         *
         * @param attempts at least 1
         * @return this builder
         */
        public Builder maxAttempts(int attempts) {
            if (attempts < 1) {
                throw new IllegalArgumentException("maxAttempts must be at least 1, was " + attempts);
            }
            maxAttempts = attempts;
            return this;
        }

        /**
         * Makes the consumer, that belongs to its group from now on and handles nothing until it is started or stepped.
         *
         * @return a consumer, to be closed
         * @throws IllegalStateException when it has no topic
         */
        public InProcessConsumer build() {
            if (topics.isEmpty()) {
                throw new IllegalStateException("the consumer of group " + group + " has no topic: call topic(…)");
            }
            return new InProcessConsumer(this);
        }
    }
}
