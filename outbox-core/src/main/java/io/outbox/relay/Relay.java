package io.outbox.relay;

import static java.util.Objects.requireNonNull;

import io.outbox.Outbox;
import io.outbox.internal.Durations;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.Publisher;
import io.outbox.spi.RelayListener;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Publishes committed messages to brokers, at least once and in the order of their keys.
 *
 * <p>Any number of relays may run on the same tables, in one process or many: they share the shards of each channel. A
 * channel is carried by one publisher and is isolated from the others. Thread-safe.
 */
public final class Relay implements AutoCloseable {
    private static final Duration CLOSE_LIMIT = Duration.ofSeconds(10);

    private final Builder builder;
    private final RelaySettings settings;
    /** All fields below are guarded by this. */
    private List<ChannelRelay> channels = List.of();

    private @Nullable RelayThreads threads;
    private Runnable unsubscribe = () -> {};

    private Relay(Builder builder) {
        this.builder = builder;
        settings = builder.settings();
    }

    /**
     * Starts to configure a relay.
     *
     * @param store where the messages are
     * @return a new builder
     */
    public static Builder builder(OutboxStore<?> store) {
        return new Builder(store);
    }

    /**
     * Starts the relay's threads and returns. Repeating it does nothing; a stopped relay can be started again.
     *
     * @throws io.outbox.StoreException when the tables are missing or of another version
     */
    public synchronized void start() {
        if (threads != null) {
            return;
        }
        builder.store.shards();
        RelayThreads own = new RelayThreads(builder.executor, builder.publishers.size());
        List<ChannelRelay> started = new ArrayList<>();
        builder.publishers.forEach((channel, publisher) -> started.add(
                new ChannelRelay(channel, builder.store, publisher, settings, own.passes(), own.heartbeats())));
        threads = own;
        channels = List.copyOf(started);
        unsubscribe = builder.store.onCommit(this::wake);
        channels.forEach(ChannelRelay::start);
    }

    /** Has all channels look for new messages at once, instead of at their next poll. A hint, thread-safe and cheap. */
    public synchronized void wake() {
        channels.forEach(ChannelRelay::wakeReader);
    }

    private void wake(String channel) {
        for (ChannelRelay one : channelsNow()) {
            if (one.isNamed(channel)) {
                one.wakeReader();
            }
        }
    }

    private synchronized List<ChannelRelay> channelsNow() {
        return channels;
    }

    /**
     * Stops: reads no more, waits until what is in flight has been acknowledged and deleted, gives the leases back and ends
     * the threads. Loses nothing; what was still in flight when the time was over may be published again by the next
     * relay. An interruption ends the waiting and stays set. The publishers and the store stay open: whoever made them closes them. Repeating it does nothing.
     *
     * @param limit how long to wait for what is in flight
     * @return true when everything in flight was done in time
     */
    public boolean stop(Duration limit) {
        List<ChannelRelay> stopping;
        RelayThreads ending;
        synchronized (this) {
            stopping = channels;
            ending = threads;
            channels = List.of();
            threads = null;
            unsubscribe.run();
        }
        if (ending == null) {
            return true;
        }
        stopping.forEach(ChannelRelay::stopReading);
        boolean drained = ending.await(() -> stopping.stream().allMatch(ChannelRelay::isIdle), limit);
        boolean interrupted = Thread.interrupted(); // else no pool would give a connection for giving the leases back
        stopping.forEach(ChannelRelay::stop);
        ending.close();
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return drained;
    }

    /** Stops, waiting at most ten seconds for what is in flight; see {@link #stop}. */
    @Override
    public void close() {
        stop(CLOSE_LIMIT);
    }

    /**
     * Tells what the relay is doing. Asks the store, so it is meant for health checks and people, not for each message.
     *
     * @return its status
     * @throws io.outbox.StoreException when the database cannot be asked
     */
    public RelayStatus status() {
        List<ChannelRelay> now = channelsNow();
        return new RelayStatus(
                !now.isEmpty(), now.stream().map(ChannelRelay::status).toList());
    }

    /** Configures a {@link Relay}; confined to one thread. */
    public static final class Builder {
        private final OutboxStore<?> store;
        private final Map<String, Publisher> publishers = new LinkedHashMap<>();
        private int batchSize = 1000;
        private int maxInFlight = 5000;
        private long maxInFlightBytes = 16L * 1024 * 1024;
        private Duration shortestPoll = Duration.ofMillis(2);
        private Duration longestPoll = Duration.ofMillis(400);
        private Duration retryPoll = Duration.ofMillis(800);
        private Duration deleteDelay = Duration.ofMillis(10);
        private Duration leaseTime = Duration.ofSeconds(12);
        private Duration sweepInterval = Duration.ofMinutes(1);
        private Duration maxTransactionTime = Duration.ofMinutes(1);
        private Duration stuckAfter = Duration.ofMinutes(2);
        private Duration retention = Duration.ZERO;
        private RetryPolicy retryPolicy = RetryPolicy.defaults();
        private RelayListener listener = new NoListener();
        private LongSupplier ticker = System::nanoTime;
        private RandomGenerator random = new SecureRandom();
        private @Nullable ScheduledExecutorService executor;

        private Builder(OutboxStore<?> store) {
            this.store = requireNonNull(store, "store");
        }

        /**
         * Adds the publisher of the channel {@value io.outbox.Outbox#DEFAULT_CHANNEL}.
         *
         * @param publisher the publisher; stays the caller's to close
         * @return this builder
         */
        public Builder publisher(Publisher publisher) {
            return publisher(Outbox.DEFAULT_CHANNEL, publisher);
        }

        /**
         * Adds a channel. Each channel needs a publisher of its own.
         *
         * @param channel its name
         * @param publisher the publisher; stays the caller's to close
         * @return this builder
         * @throws IllegalArgumentException when the channel has one already
         */
        public Builder publisher(String channel, Publisher publisher) {
            if (publishers.putIfAbsent(requireNonNull(channel, "channel"), requireNonNull(publisher, "publisher"))
                    != null) {
                throw new IllegalArgumentException("channel '" + channel + "' has a publisher already");
            }
            return this;
        }

        /**
         * Sets how many messages are read, and deleted, at once.
         *
         * @param messages 1 to 10,000; default 1,000
         * @return this builder
         */
        public Builder batchSize(int messages) {
            batchSize = inRange("batchSize", messages, 1, 10_000);
            return this;
        }

        /**
         * Sets how many messages of a channel may be in flight: read and not yet deleted.
         *
         * @param messages 1 to 1,000,000; default 5,000
         * @return this builder
         */
        public Builder maxInFlight(int messages) {
            maxInFlight = inRange("maxInFlight", messages, 1, 1_000_000);
            return this;
        }

        /**
         * Sets how many bytes of payloads of a channel may be in flight. A message that is larger goes alone.
         *
         * @param bytes 65,536 to 1 GiB; default 16 MiB
         * @return this builder
         */
        public Builder maxInFlightBytes(long bytes) {
            maxInFlightBytes = inRange("maxInFlightBytes", bytes, 64 * 1024, 1024L * 1024 * 1024);
            return this;
        }

        /**
         * Sets how often the table is looked at when no wake-up comes: at first after the shortest interval, then after
         * twice as long each time. Messages committed through this library in the same process wake the relay at once.
         *
         * @param shortest at least 1 ms; default 2 ms; under load reads gather up to eight times as long
         * @param longest at least the shortest; default 400 ms: how late a message of another process may be found
         * @return this builder
         */
        public Builder pollInterval(Duration shortest, Duration longest) {
            if (shortest.compareTo(Duration.ofMillis(1)) < 0 || longest.compareTo(shortest) < 0) {
                throw new IllegalArgumentException(
                        "pollInterval must be 1 ms <= shortest <= longest, was " + shortest + " and " + longest);
            }
            Durations.notTooLong("pollInterval", longest);
            shortestPoll = shortest;
            longestPoll = longest;
            return this;
        }

        /**
         * Sets how often the relay looks for retries and scheduled messages that are due.
         *
         * @param interval above zero; default 800 ms
         * @return this builder
         */
        public Builder retryPollInterval(Duration interval) {
            retryPoll = Durations.positive("retryPollInterval", interval);
            return this;
        }

        /**
         * Sets how long an acknowledged message may wait for others before it is deleted with them.
         *
         * @param delay zero or more; default 10 ms
         * @return this builder
         */
        public Builder deleteDelay(Duration delay) {
            deleteDelay = Durations.notNegative("deleteDelay", delay);
            return this;
        }

        /**
         * Sets how long the shards of a relay that has died stay without a reader. A heartbeat is sent four times in it.
         *
         * @param time 400 ms to 10 min; default 12 s
         * @return this builder
         */
        public Builder leaseTime(Duration time) {
            if (time.compareTo(Duration.ofMillis(400)) < 0 || time.compareTo(Duration.ofMinutes(10)) > 0) {
                throw new IllegalArgumentException("leaseTime must be 400 ms to 10 min, was " + time);
            }
            leaseTime = time;
            return this;
        }

        /**
         * Sets how often everything below the cursor is searched for messages that were missed.
         *
         * @param interval above zero; default 1 min
         * @return this builder
         */
        public Builder sweepInterval(Duration interval) {
            sweepInterval = Durations.positive("sweepInterval", interval);
            return this;
        }

        /**
         * Sets how long a transaction that publishes may stay open, for databases that tell nothing about running
         * transactions (H2): messages of a longer one are found by the next sweep, perhaps after later ones of their key.
         * On PostgreSQL this has no effect.
         *
         * @param time above zero; default 1 min
         * @return this builder
         */
        public Builder maxTransactionTime(Duration time) {
            maxTransactionTime = Durations.positive("maxTransactionTime", time);
            return this;
        }

        /**
         * Sets after which time a part of the relay that does not return from one call counts as dead: the relay then
         * gives its leases up, so that others go on.
         *
         * @param time above zero; default 2 min
         * @return this builder
         */
        public Builder stuckAfter(Duration time) {
            stuckAfter = Durations.positive("stuckAfter", time);
            return this;
        }

        /**
         * Sets how long published messages are kept in the archive table, for looking them up with {@link
         * io.outbox.spi.ArchiveStore#archived}. Costs a second write for each message. All relays of a database should agree.
         *
         * @param time above zero; not set, nothing is kept
         * @return this builder
         */
        public Builder retention(Duration time) {
            retention = Durations.positive("retention", time);
            return this;
        }

        /**
         * Sets what becomes of messages that the broker rejects.
         *
         * @param policy the policy
         * @return this builder
         */
        public Builder retryPolicy(RetryPolicy policy) {
            retryPolicy = requireNonNull(policy, "policy");
            return this;
        }

        /**
         * Sets who hears what the relay does. Default: nobody.
         *
         * @param listener the listener
         * @return this builder
         */
        public Builder listener(RelayListener listener) {
            this.listener = requireNonNull(listener, "listener");
            return this;
        }

        /**
         * Sets the monotonic clock by which the relay waits and judges its own leases. Default: {@link System#nanoTime()}.
         *
         * @param ticker nanoseconds since any fixed moment
         * @return this builder
         */
        public Builder ticker(LongSupplier ticker) {
            this.ticker = requireNonNull(ticker, "ticker");
            return this;
        }

        /**
         * Sets the source of jitter and of relay ids. Default: a {@link SecureRandom}.
         *
         * @param random thread-safe, and different in every relay
         * @return this builder
         */
        public Builder random(RandomGenerator random) {
            this.random = requireNonNull(random, "random");
            return this;
        }

        /**
         * Sets the executor that runs the relay. Default: threads of the relay's own, the heartbeats apart from the rest.
         *
         * @param executor with at least six threads a channel, which wait for the database; stays the caller's to shut down
         * @return this builder
         */
        public Builder executor(ScheduledExecutorService executor) {
            this.executor = requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Makes the relay; {@link Relay#start} starts it.
         *
         * @return a relay
         * @throws IllegalStateException when there is no publisher, or settings do not fit together
         */
        public Relay build() {
            if (publishers.isEmpty()) {
                throw new IllegalStateException("a relay needs a publisher: call publisher(…)");
            }
            if (maxInFlight < batchSize) {
                throw new IllegalStateException(
                        "maxInFlight must be >= batchSize, was " + maxInFlight + " < " + batchSize);
            }
            return new Relay(this);
        }

        private RelaySettings settings() {
            return new RelaySettings(
                    batchSize,
                    maxInFlight,
                    maxInFlightBytes,
                    shortestPoll,
                    longestPoll,
                    retryPoll,
                    deleteDelay,
                    leaseTime,
                    sweepInterval,
                    maxTransactionTime,
                    stuckAfter,
                    retention,
                    retryPolicy,
                    listener,
                    ticker,
                    random);
        }

        private static int inRange(String name, int value, int low, int high) {
            return (int) inRange(name, (long) value, low, high);
        }

        private static long inRange(String name, long value, long low, long high) {
            if (value < low || value > high) {
                throw new IllegalArgumentException(name + " must be " + low + " to " + high + ", was " + value);
            }
            return value;
        }
    }
}
