package io.outbox.kafka;

import static java.util.Objects.requireNonNull;

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
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import java.util.random.RandomGenerator;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads messages from Kafka topics and gives them to an {@link IdempotentConsumer}: one transaction a message, or a batch in one
 * ({@link Builder#batch}), offsets committed to Kafka after it.
 *
 * <p>Guarantee: a message's effects in the consumer's database happen once per message id and group, also when records
 * are delivered again after a crash, a rebalance or a repeated publication. Order: as in the partition, one message of a
 * partition at a time; with {@link Builder#handlersByKey}, as in the partition for each key.
 *
 * <p>A handler that throws is tried again, with waits that grow; the partition (or the key) waits meanwhile, others go on.
 * {@link io.outbox.consumer.RetryLaterException} counts no attempt. After the last attempt, and at once for a {@link
 * io.outbox.consumer.RejectedMessageException}, a type without a handler, a payload that cannot be decoded
 * ({@link io.outbox.InvalidMessageException}) or a record that is no message, the record is
 * copied to a dead-letter topic byte for byte, with headers {@code dl_reason}, {@code dl_attempts}, {@code dl_topic}, {@code dl_partition} and
 * {@code dl_offset}, and what is ordered behind it goes on when the brokers have the copy. That topic must exist, or be made by the
 * brokers: until then it waits. When the database fails ({@link io.outbox.TransientStoreException}, or any
 * failure before the handler is called), everything waits, without limit, and no attempt counts.
 *
 * <p>The message id is the header {@code ce_id}; a record without one has the id {@code topic-partition-offset}, which
 * recognises redeliveries by Kafka, not repeated publications.
 *
 * <p>A handler may take as long as it likes: another thread keeps the membership of the group, and pauses partitions of which enough
 * is in hand ({@code max.poll.records}, 500, or 8 MiB each; with handlers by key also 10,000 that are done behind one that is not). When partitions are taken away, what is being handled of them is waited for up to
 * 10 s, or a tenth of {@code max.poll.interval.ms}; after that the next owner gets it too, waits for the transaction at hand and skips it.
 *
 * <p>Broker failures are survived with a new consumer. The loop ends by itself only through an {@link Error} or a consumer that was
 * fenced ({@code group.instance.id} in use twice): see {@link #isRunning()} and {@link #failure()}. Thread-safe.
 */
public final class KafkaConsumerLoop implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaConsumerLoop.class);

    private final LoopSettings settings;
    private final DeadLetters deadLetters;
    private final LoopCounters counters = new LoopCounters();
    private final List<ConsumerThread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
    /** Guarded by this. */
    private boolean started;

    private KafkaConsumerLoop(Builder<?> builder) {
        settings = builder.settings();
        Map<String, Object> forDeadLetters = settings.kafka().forDeadLetters();
        deadLetters = new DeadLetters(() -> new KafkaProducer<>(forDeadLetters), builder.deadLetterTopics());
        for (int i = 1; i <= settings.threads(); i++) {
            Map<String, Object> kafka = settings.kafka().ofConsumer(i, settings.threads());
            Handlers handlers = handlers(builder, i);
            threads.add(new ConsumerThread(
                    () -> new KafkaConsumer<>(kafka),
                    consumer -> new ConsumerWorker(consumer, settings, handlers, deadLetters),
                    handlers,
                    this::endedBy,
                    RandomGenerator.getDefault()));
        }
    }

    private <T> Handlers handlers(Builder<T> builder, int consumer) {
        List<HandlingThread> handlers = new ArrayList<>();
        for (int i = 1; i <= Math.max(1, settings.handlersByKey()); i++) {
            handlers.add(new HandlingThread(
                    "outbox-handler-" + consumer + "-" + i,
                    settings.handling(),
                    builder.consumer,
                    builder.handler,
                    counters,
                    this::endedBy));
        }
        return new Handlers(handlers);
    }

    /**
     * Starts a loop with Kafka's consumer settings. They pass through, {@code isolation.level} and security too; refused are
     * {@code enable.auto.commit=true} and other deserializers than those for bytes. Defaults that differ from Kafka's:
     * {@code group.id} is the consumer's group, {@code auto.offset.reset} is {@code earliest}, {@code allow.auto.create.topics} is false.
     *
     * @param <T> the handle of the transaction, for JDBC a {@code java.sql.Connection}
     * @param settings at least {@code bootstrap.servers}
     * @param topics what to read, at least one
     * @param consumer records what was handled
     * @param handler called with the open transaction, by several threads at once if there are several; an
     *     {@link io.outbox.consumer.TypedHandlers} decodes payloads
     * @return a new builder
     */
    public static <T> Builder<T> builder(
            Map<String, ?> settings,
            Collection<String> topics,
            IdempotentConsumer<T> consumer,
            MessageHandler<T, ? extends Exception> handler) {
        return new Builder<>(settings, topics, consumer, handler);
    }

    /**
     * Starts the threads. Repeating it does nothing.
     *
     * @throws IllegalStateException when the loop was stopped before
     */
    public synchronized void start() {
        if (!started) {
            started = true;
            LOG.info(
                    "Consumer group {} reads {} with {} threads",
                    settings.kafka().groupId(),
                    settings.topics(),
                    settings.threads());
            threads.forEach(ConsumerThread::start);
        } else if (!isRunning()) {
            throw new IllegalStateException("a loop that has ended cannot be started again: build a new one");
        }
    }

    /**
     * Stops: the transaction at hand of each thread is finished, what is done is committed, the rest is dropped and the group is
     * left. Called from a handler, it does not wait.
     *
     * @param limit how long to wait; after it the threads are interrupted
     * @return true when all threads had ended in time
     */
    public boolean stop(Duration limit) {
        requireNonNull(limit, "limit");
        threads.forEach(ConsumerThread::stop);
        boolean ended = join(Durations.countable(limit));
        if (!ended) {
            LOG.warn("A consumer loop did not stop within {}: its threads are interrupted", limit);
            threads.forEach(ConsumerThread::interrupt);
        }
        return ended;
    }

    /** Stops, waiting up to {@link Builder#stopTimeout}. Repeating it does nothing. */
    @Override
    public void close() {
        stop(settings.stopTimeout());
        deadLetters.close();
    }

    /**
     * Tells whether the loop is at work.
     *
     * @return false before the start, and when a thread has ended for whatever reason
     */
    public boolean isRunning() {
        return !threads.isEmpty() && threads.stream().allMatch(ConsumerThread::isAlive);
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
     * Returns what the loop has done since its start.
     *
     * @return the counts, each for itself up to date
     */
    public Counts counts() {
        return new Counts(counters.handled(), counters.duplicates(), counters.failedAttempts(), counters.deadLetters());
    }

    private void endedBy(Throwable cause) {
        failure.compareAndSet(null, cause);
        threads.forEach(ConsumerThread::stop);
    }

    private boolean join(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        boolean ended = true;
        try {
            for (ConsumerThread thread : threads) {
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
     * @param deadLetters records that were set aside
     */
    public record Counts(long handled, long duplicates, long failedAttempts, long deadLetters) {}

    /**
     * Builds a {@link KafkaConsumerLoop}; confined to one thread.
     *
     * @param <T> the handle of the transaction
     */
    public static final class Builder<T> {
        private final Map<String, ?> kafka;
        private final Set<String> topics;
        private final IdempotentConsumer<T> consumer;
        private final MessageHandler<T, ? extends Exception> handler;
        private int threads = 1;
        private int handlersByKey;
        private HandlingSettings handling = HandlingSettings.DEFAULT;
        private @Nullable UnaryOperator<String> deadLetterTopic;
        private Duration stopTimeout = Duration.ofSeconds(30);

        private Builder(
                Map<String, ?> kafka,
                Collection<String> topics,
                IdempotentConsumer<T> consumer,
                MessageHandler<T, ? extends Exception> handler) {
            this.kafka = new HashMap<>(requireNonNull(kafka, "settings"));
            this.topics = Set.copyOf(requireNonNull(topics, "topics"));
            if (this.topics.isEmpty()) {
                throw new IllegalArgumentException("topics must not be empty");
            }
            this.consumer = requireNonNull(consumer, "consumer");
            this.handler = requireNonNull(handler, "handler");
        }

        /**
         * Sets how many threads read, each with a Kafka consumer of its own in the group and a thread that handles what it reads. More
         * than there are partitions are of no use.
         *
         * @param threads at least 1; default 1
         * @return this builder
         */
        public Builder<T> threads(int threads) {
            this.threads = atLeastOne("threads", threads);
            return this;
        }

        /**
         * Has several threads handle what each consumer reads, side by side: the records of a key (of a partition) one after the
         * other, those without a key in no order. A key that waits for its next attempt does not hold up its partition, until so
         * much of the partition is in hand that it is paused; its offset stays at the first record that is not done. Default: by
         * partition, in one thread.
         *
         * @param threads of each consumer, at least 1
         * @return this builder
         */
        public Builder<T> handlersByKey(int threads) {
            handlersByKey = atLeastOne("handlersByKey", threads);
            return this;
        }

        /**
         * Sets how many messages a thread handles in one transaction: those that wait, up to so many, never waiting for more. One
         * that fails costs the others nothing but time, see {@link IdempotentConsumer#handleAll(List, MessageHandler)}.
         *
         * @param messages at least 1; default 1
         * @return this builder
         */
        public Builder<T> batch(int messages) {
            handling = handling.withBatch(messages);
            return this;
        }

        /**
         * Sets after how many failed attempts a record becomes a dead letter.
         *
         * @param attempts at least 1; default 10, with the default waits half a minute in all
         * @return this builder
         */
        public Builder<T> maxAttempts(int attempts) {
            handling = handling.withMaxAttempts(attempts);
            return this;
        }

        /**
         * Sets the waits between attempts: the n-th is drawn evenly between half of and all of the first one doubled n-1 times.
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
         * Sets how dead-letter topics are named. They should take larger records than their sources
         * ({@code max.message.bytes}): the reason is added to each.
         *
         * @param names gives the dead-letter topic of a topic; default {@code <topic>.<group>.dead-letter}, with {@code _} for
         *     characters of the group that a topic's name may not have
         * @return this builder
         */
        public Builder<T> deadLetterTopic(UnaryOperator<String> names) {
            deadLetterTopic = requireNonNull(names, "names");
            return this;
        }

        /**
         * Sets how long {@link KafkaConsumerLoop#close()} waits for the records at hand.
         *
         * @param stopTimeout above zero; default 30 s
         * @return this builder
         */
        public Builder<T> stopTimeout(Duration stopTimeout) {
            this.stopTimeout = Durations.positive("stopTimeout", stopTimeout);
            return this;
        }

        /**
         * Makes the loop. Contacts no broker; {@link KafkaConsumerLoop#start()} does.
         *
         * @return a loop that is not started
         * @throws IllegalArgumentException for a setting that Kafka refuses, or that would break a guarantee; the text says
         *     which and why
         */
        public KafkaConsumerLoop build() {
            return new KafkaConsumerLoop(this);
        }

        private LoopSettings settings() {
            return new LoopSettings(
                    topics,
                    ConsumerSettings.of(kafka, consumer.group()),
                    threads,
                    handlersByKey,
                    handling,
                    stopTimeout);
        }

        private UnaryOperator<String> deadLetterTopics() {
            UnaryOperator<String> names = deadLetterTopic;
            return names != null ? names : topic -> DeadLetters.defaultTopic(topic, consumer.group());
        }

        private static int atLeastOne(String name, int value) {
            if (value < 1) {
                throw new IllegalArgumentException(name + " must be >= 1, was " + value);
            }
            return value;
        }
    }
}
