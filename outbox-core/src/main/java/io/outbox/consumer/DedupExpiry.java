package io.outbox.consumer;

import static java.util.Objects.requireNonNull;

import io.outbox.internal.Durations;
import io.outbox.spi.DedupStore;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Forgets handled messages when they are old enough, so that the dedup table does not grow for ever: in small transactions, with a
 * pause after each that is at least as long as it took, on one thread of its own ({@code outbox-dedup-expiry}).
 *
 * <p>A duplicate that arrives after its message was forgotten takes effect again. So messages must be kept for longer than any
 * broker, retry queue, dead-letter queue or backup can give one back: Kafka keeps records for 7 days by default
 * ({@code log.retention.hours}), and rewinding a group replays all of them. Several instances may run it at once. A failure
 * of the database is logged and tried again at the next interval. Thread-safe.
 */
public final class DedupExpiry implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(DedupExpiry.class);
    private static final Duration BROKERS_DEFAULT = Duration.ofDays(7);
    private static final Duration LEAST_PAUSE = Duration.ofMillis(10);
    private static final long END_SECONDS = 5;

    private final DedupStore<?> dedup;
    private final Duration keepFor;
    private final Duration interval;
    private final int batch;
    private final AtomicLong forgotten = new AtomicLong();
    private final ScheduledExecutorService executor;

    private DedupExpiry(Builder builder) {
        dedup = builder.dedup;
        keepFor = builder.keepFor;
        interval = builder.interval;
        batch = builder.batch;
        if (keepFor.compareTo(BROKERS_DEFAULT) < 0) {
            LOG.warn(
                    "Handled messages are forgotten after {}: a broker that gives one back later, as Kafka may for {} by default,"
                            + " makes it take effect twice",
                    keepFor,
                    BROKERS_DEFAULT);
        }
        ScheduledThreadPoolExecutor own = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "outbox-dedup-expiry");
            thread.setDaemon(true);
            return thread;
        });
        own.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        executor = own;
    }

    /**
     * Starts to configure the expiry.
     *
     * @param dedup what it forgets from
     * @param keepFor the age at which messages are forgotten, on the database's clock; above zero. Below 7 days it warns
     * @return a new builder
     */
    public static Builder builder(DedupStore<?> dedup, Duration keepFor) {
        return new Builder(dedup, keepFor);
    }

    /**
     * Returns how many messages this object has forgotten.
     *
     * @return the count since its start
     */
    public long forgotten() {
        return forgotten.get();
    }

    private void run() {
        Duration pause = interval;
        try {
            long began = System.nanoTime();
            int rows = dedup.purge(keepFor, batch);
            forgotten.addAndGet(rows);
            if (rows >= batch) {
                Duration took = Duration.ofNanos(System.nanoTime() - began);
                pause = took.compareTo(LEAST_PAUSE) > 0 ? took : LEAST_PAUSE;
            }
        } catch (RuntimeException e) {
            LOG.warn("Handled messages cannot be forgotten, trying again in {}", interval, e);
        }
        again(pause);
    }

    private void again(Duration pause) {
        if (!executor.isShutdown()) {
            try {
                Future<?> unused = executor.schedule(this::run, pause.toNanos(), TimeUnit.NANOSECONDS);
            } catch (RejectedExecutionException e) {
                LOG.debug("The expiry was closed", e);
            }
        }
    }

    /** Stops, waiting up to five seconds for a transaction at hand. Repeating it does nothing. */
    @Override
    public void close() {
        executor.shutdown();
        try {
            if (!executor.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                executor.shutdownNow();
            }
        } catch (InterruptedException e) {
            executor.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    /** Builds a {@link DedupExpiry}; confined to one thread. */
    public static final class Builder {
        private final DedupStore<?> dedup;
        private final Duration keepFor;
        private Duration interval = Duration.ofMinutes(1);
        private int batch = 1_000;

        private Builder(DedupStore<?> dedup, Duration keepFor) {
            this.dedup = requireNonNull(dedup, "dedup");
            this.keepFor = Durations.positive("keepFor", keepFor);
        }

        /**
         * Sets how often to look when nothing was left to forget.
         *
         * @param interval above zero; default 1 min
         * @return this builder
         */
        public Builder interval(Duration interval) {
            this.interval = Durations.positive("interval", interval);
            return this;
        }

        /**
         * Sets how many messages are forgotten in one transaction.
         *
         * @param messages at least 1; default 1,000
         * @return this builder
         */
        public Builder batch(int messages) {
            if (messages < 1) {
                throw new IllegalArgumentException("batch must be >= 1, was " + messages);
            }
            batch = messages;
            return this;
        }

        /**
         * Starts the thread; it looks at once.
         *
         * @return what is to be closed
         */
        public DedupExpiry start() {
            DedupExpiry expiry = new DedupExpiry(this);
            expiry.again(Duration.ZERO);
            return expiry;
        }
    }
}
