package io.outbox.rabbit;

import static java.util.Objects.requireNonNull;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.MessageHandler;
import io.outbox.consumer.internal.HandlingSettings;
import io.outbox.consumer.internal.HandlingThread;
import io.outbox.consumer.internal.LoopCounters;
import io.outbox.internal.Backoff;
import io.outbox.internal.Durations;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Reads messages from RabbitMQ queues and gives them to an {@link IdempotentConsumer}: one transaction a message, or a batch in one
 * ({@link Builder#batch}), acknowledged after it.
 *
 * <p>Guarantee: a message's effects in the consumer's database happen once per message id and group, also when it is
 * delivered again after a crash, a lost connection or a repeated publication. Order: the messages of a key (CloudEvents attribute
 * {@code partitionkey}) are handled as they were delivered, one at a time; keys are handled side by side by several threads. That
 * is the order of the queue as long as one loop reads it: use a single active consumer ({@code x-single-active-consumer}) where
 * several instances may run and order matters.
 *
 * <p>A handler that throws is tried again in place, with waits that grow; its key waits meanwhile, other keys go on. {@link
 * io.outbox.consumer.RetryLaterException} counts no attempt. After the last attempt, and at once for a {@link
 * io.outbox.consumer.RejectedMessageException}, a type without a handler, a payload that cannot be decoded or a message without an id ({@link io.outbox.InvalidMessageException}), the message is copied to a dead-letter queue byte for
 * byte, with headers {@code dl_reason}, {@code dl_attempts} and {@code dl_queue}, and acknowledged when the broker has confirmed the copy.
 * While that queue is missing the message waits, with its key. When the database fails ({@link io.outbox.TransientStoreException}, or
 * any failure before the handler is called), everything waits, without limit, and no attempt counts.
 *
 * <p>The message id is the CloudEvents id, else the AMQP property {@code message-id}.
 *
 * <p>A lost connection, a queue that is deleted or not there yet, and a closed AMQP channel are survived with a new connection: see
 * {@link #problem()}. RabbitMQ's {@code consumer_timeout} (30 minutes) bounds how long a message may stay without its acknowledgement.
 * The loop ends by itself only through an {@link Error}. Thread-safe.
 */
public final class RabbitConsumerLoop implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final LoopSettings settings;
    private final LoopCounters counters = new LoopCounters();
    private final List<HandlingThread> threads = new ArrayList<>();
    private final ReadingThread reader;
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    /** Guarded by this. */
    private boolean started;

    private <T> RabbitConsumerLoop(Builder<T> builder) {
        settings = builder.settings();
        String name = "outbox-rabbit-consumer-" + NUMBER.incrementAndGet();
        for (int i = 1; i <= settings.threads(); i++) {
            threads.add(new HandlingThread(
                    name + "-" + i, settings.handling(), builder.consumer, builder.handler, counters, this::endedBy));
        }
        reader = new ReadingThread(name, settings, this::dispatch, () -> threads.forEach(HandlingThread::dropStale));
    }

    private void dispatch(Delivered delivered) {
        threads.get(delivered.lane(threads.size())).add(List.of(delivered));
    }

    /**
     * Starts to configure a loop.
     *
     * @param <T> the handle of the transaction, for JDBC a {@code java.sql.Connection}
     * @param factory host, credentials, virtual host, TLS and the like; copied
     * @param queues what is read, at least one; classic or quorum queues
     * @param consumer records what was handled
     * @param handler called with the open transaction, by several threads at once if there are several; an
     *     {@link io.outbox.consumer.TypedHandlers} decodes payloads
     * @return a new builder
     */
    public static <T> Builder<T> builder(
            ConnectionFactory factory,
            Collection<String> queues,
            IdempotentConsumer<T> consumer,
            MessageHandler<T, ? extends Exception> handler) {
        return new Builder<>(factory, queues, consumer, handler);
    }

    /**
     * Starts the threads and returns; the connection is made by one of them. Repeating it does nothing.
     *
     * @throws IllegalStateException when the loop was stopped before
     */
    public synchronized void start() {
        if (!started) {
            started = true;
            threads.forEach(HandlingThread::start);
            reader.start();
        } else if (!isRunning()) {
            throw new IllegalStateException("a loop that has ended cannot be started again: build a new one");
        }
    }

    /**
     * Stops: the transaction at hand of each thread is finished, what is done is acknowledged, the rest is dropped and delivered
     * again to others. Called from a handler, it does not wait for that handler.
     *
     * @param limit how long to wait; after it the threads are interrupted. A broker that does not answer has a second more
     * @return true when all threads had ended in time
     */
    public boolean stop(Duration limit) {
        requireNonNull(limit, "limit");
        reader.stop();
        threads.forEach(HandlingThread::stop);
        long deadline = System.nanoTime() + Durations.countable(limit).toNanos();
        boolean ended = join(deadline);
        if (!ended) {
            threads.forEach(HandlingThread::interrupt);
        }
        reader.close(Duration.ofNanos(deadline - System.nanoTime()));
        return ended;
    }

    /** Stops, waiting up to {@link Builder#stopTimeout}. Repeating it does nothing. */
    @Override
    public void close() {
        stop(settings.stopTimeout());
    }

    /**
     * Tells whether the loop is at work, or trying to be.
     *
     * @return false before the start, and when a thread has ended for whatever reason
     */
    public boolean isRunning() {
        return reader.isAlive() && threads.stream().allMatch(HandlingThread::isAlive);
    }

    /**
     * Returns what ended the loop.
     *
     * @return empty while it runs, and when it was stopped
     */
    public Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }

    /**
     * Returns what keeps the loop from reading, such as a connection that cannot be made or a queue that is not there.
     *
     * @return empty while it reads
     */
    public Optional<Throwable> problem() {
        return Optional.ofNullable(reader.problem());
    }

    /**
     * Returns what the loop has done since its start.
     *
     * @return the counts, each for itself up to date
     */
    public Counts counts() {
        return new Counts(counters.handled(), counters.duplicates(), counters.failedAttempts(), counters.deadLetters());
    }

    private void endedBy(Throwable cause) {
        failure.compareAndSet(null, cause);
        threads.forEach(HandlingThread::stop);
        reader.close(settings.stopTimeout());
    }

    private boolean join(long deadline) {
        boolean ended = true;
        try {
            for (HandlingThread thread : threads) {
                ended &= thread.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
        return ended;
    }

    /**
     * What a loop has done.
     *
     * @param handled messages whose handler ran and whose transaction committed
     * @param duplicates messages that had been handled before
     * @param failedAttempts attempts that ended in a roll-back
     * @param deadLetters messages that were set aside
     */
    public record Counts(long handled, long duplicates, long failedAttempts, long deadLetters) {}

    /**
     * Builds a {@link RabbitConsumerLoop}; confined to one thread.
     *
     * @param <T> the handle of the transaction
     */
    public static final class Builder<T> {
        /** What RabbitMQ takes as a message's time to live: 32 bits of milliseconds. */
        private static final Duration LONGEST_IN_QUEUE = Duration.ofMillis(0xFFFF_FFFFL);

        private final ConnectionFactory factory;
        private final Set<String> queues;
        private final IdempotentConsumer<T> consumer;
        private final MessageHandler<T, ? extends Exception> handler;
        private List<Address> addresses = List.of();
        private int prefetch = 200;
        private int threads = 1;
        private HandlingSettings handling = HandlingSettings.DEFAULT;
        private @Nullable Duration retryQueueDelay;
        private int attemptsInPlace = 3;
        private @Nullable UnaryOperator<String> deadLetterQueue;
        private boolean declareQueues;
        private Duration stopTimeout = Duration.ofSeconds(30);
        private Duration longestAnswer = Duration.ofSeconds(60);

        private Builder(
                ConnectionFactory factory,
                Collection<String> queues,
                IdempotentConsumer<T> consumer,
                MessageHandler<T, ? extends Exception> handler) {
            this.factory = requireNonNull(factory, "factory").clone();
            this.queues = Set.copyOf(requireNonNull(queues, "queues"));
            if (this.queues.isEmpty()) {
                throw new IllegalArgumentException("queues must not be empty");
            }
            this.consumer = requireNonNull(consumer, "consumer");
            this.handler = requireNonNull(handler, "handler");
        }

        /**
         * Sets several hosts of one cluster, tried in random order. Default: the factory's host.
         *
         * @param hosts hosts and ports
         * @return this builder
         */
        public Builder<T> addresses(List<Address> hosts) {
            addresses = List.copyOf(hosts);
            return this;
        }

        /**
         * Sets how many messages of each queue the loop may have in hand, which bounds its memory.
         *
         * @param messages 1 to 65,535; default 200
         * @return this builder
         */
        public Builder<T> prefetch(int messages) {
            if (messages < 1 || messages > 65_535) {
                throw new IllegalArgumentException("prefetch must be 1 to 65535, was " + messages);
            }
            prefetch = messages;
            return this;
        }

        /**
         * Sets how many threads handle messages; the messages of a key go to the same one.
         *
         * @param threads at least 1; default 1
         * @return this builder
         */
        public Builder<T> threads(int threads) {
            this.threads = atLeastOne("threads", threads);
            return this;
        }

        /**
         * Sets how many messages a thread handles in one transaction: those that wait, up to so many, never waiting for more. One
         * that fails costs the others nothing but time, see {@link IdempotentConsumer#handleAll(List, MessageHandler)}.
         *
         * @param messages at least 1, of use up to the prefetch; default 1
         * @return this builder
         */
        public Builder<T> batch(int messages) {
            handling = handling.withBatch(messages);
            return this;
        }

        /**
         * Sets after how many failed attempts a message becomes a dead letter.
         *
         * @param attempts at least 1; default 10
         * @return this builder
         */
        public Builder<T> maxAttempts(int attempts) {
            handling = handling.withMaxAttempts(attempts);
            return this;
        }

        /**
         * Sets the waits between attempts in place: the n-th is drawn evenly between half of and all of the first one doubled n-1
         * times.
         *
         * @param first upper bound of the first wait, above zero; default 100 ms
         * @param longest upper bound of any wait, not below the first; default 10 s
         * @return this builder
         */
        public Builder<T> retryDelays(Duration first, Duration longest) {
            handling = handling.withDelays(
                    new Backoff(requireNonNull(first, "first"), requireNonNull(longest, "longest")));
            return this;
        }

        /**
         * Has messages that keep failing wait in a queue {@code <queue>.<group>.retry}, which gives them back after its
         * {@code x-message-ttl}, instead of in the memory of the loop. Their key does not wait for them: its order is given up.
         *
         * @param delay how long they wait, at least 1 ms
         * @param attemptsInPlace after how many failed attempts, and again after as many more, they go there; at least 1
         * @return this builder
         */
        public Builder<T> retryQueue(Duration delay, int attemptsInPlace) {
            if (requireNonNull(delay, "delay").compareTo(Duration.ofMillis(1)) < 0
                    || delay.compareTo(LONGEST_IN_QUEUE) > 0) {
                throw new IllegalArgumentException(
                        "the delay of retryQueue must be 1 ms to " + LONGEST_IN_QUEUE + ", was " + delay);
            }
            retryQueueDelay = delay;
            this.attemptsInPlace = atLeastOne("attemptsInPlace", attemptsInPlace);
            return this;
        }

        /**
         * Sets how dead-letter queues are named.
         *
         * @param names gives the dead-letter queue of a queue; default {@code <queue>.<group>.dead-letter}
         * @return this builder
         */
        public Builder<T> deadLetterQueue(UnaryOperator<String> names) {
            deadLetterQueue = requireNonNull(names, "names");
            return this;
        }

        /**
         * Has the loop declare its dead-letter queues and retry queues: durable, classic ones. The queues that it reads must be there.
         *
         * @return this builder
         */
        public Builder<T> declareQueues() {
            declareQueues = true;
            return this;
        }

        /**
         * Sets how long {@link RabbitConsumerLoop#close()} waits for the messages at hand.
         *
         * @param stopTimeout above zero; default 30 s
         * @return this builder
         */
        public Builder<T> stopTimeout(Duration stopTimeout) {
            this.stopTimeout = Durations.positive("stopTimeout", stopTimeout);
            return this;
        }

        /** How long an answer of the broker may take; shorter in tests only. */
        Builder<T> longestAnswer(Duration longestAnswer) {
            this.longestAnswer = longestAnswer;
            return this;
        }

        /**
         * Makes the loop. Contacts no broker; {@link RabbitConsumerLoop#start()} does.
         *
         * @return a loop that is not started
         */
        public RabbitConsumerLoop build() {
            return new RabbitConsumerLoop(this);
        }

        private LoopSettings settings() {
            String group = consumer.group();
            UnaryOperator<String> names = deadLetterQueue;
            return new LoopSettings(
                    factory,
                    addresses,
                    group,
                    queues,
                    prefetch,
                    threads,
                    handling,
                    retryQueueDelay,
                    attemptsInPlace,
                    names != null ? names : queue -> queue + "." + group + ".dead-letter",
                    declareQueues,
                    stopTimeout,
                    longestAnswer);
        }

        private static int atLeastOne(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " must be >= 1, was " + value);
            }
            return value;
        }
    }
}
