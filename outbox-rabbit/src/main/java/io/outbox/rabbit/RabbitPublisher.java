package io.outbox.rabbit;

import static java.util.Objects.requireNonNull;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.ConnectionFactory;
import io.outbox.internal.Durations;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Publishes messages to RabbitMQ. The destination is {@code exchange/routing-key}: the first slash divides, and without one
 * it is the name of a queue, reached through the default exchange.
 *
 * <p>Messages are persistent and {@code mandatory}, confirmed asynchronously, over several AMQP channels by shard. On the
 * wire they are CloudEvents 1.0 in the binary mode of the AMQP binding; the user's headers are kept as they are, except
 * those that begin with {@code cloudEvents:}.
 *
 * <p>What fails: an exchange that does not exist, a message that no queue takes and a {@code basic.nack} are rejected for
 * now; a message above {@link Builder#maxMessageBytes}, with headers that AMQP cannot carry, that the broker does not take or to an
 * exchange that may not be used is rejected for good; a lost connection, a blocked one (memory or disk alarm) and a confirm that does not come are unavailability of the channel. The
 * client's automatic recovery is off: after a failure everything on its way ends as unavailable, and the next message opens
 * a new connection.
 *
 * <p>Does not keep order by itself, because a message that was refused may be followed by others: the relay publishes the
 * messages of a key one by one. Thread-safe. Never waits in {@link #publish}: threads {@code outbox-rabbit-n} do.
 */
public final class RabbitPublisher implements Publisher {
    private static final AtomicInteger NUMBER = new AtomicInteger();
    private static final Duration LOOK = Duration.ofMillis(200);

    private final Connector connector;
    private final WireFormat format;
    private final int lanes;
    private final int maxMessageBytes;
    private final long confirmTimeoutNanos;
    private final AtomicInteger suspects = new AtomicInteger();
    private final BlockingQueue<Outgoing> queue = new LinkedBlockingQueue<>();
    private final Thread sender;
    private final Thread watchdog;
    private volatile @Nullable Session session;
    private volatile @Nullable Outgoing sending;
    private volatile boolean closed;

    private RabbitPublisher(Builder builder) {
        ConnectionFactory factory = ClientSettings.of(builder.factory, builder.confirmTimeout);
        factory.setSharedExecutor(callbacks());
        connector = new Connector(factory, builder.addresses, "outbox");
        format = new WireFormat(builder.source);
        lanes = builder.amqpChannels;
        maxMessageBytes = builder.maxMessageBytes;
        confirmTimeoutNanos = builder.confirmTimeout.toNanos();
        sender = start(this::sendAll);
        watchdog = start(this::watch);
    }

    /** Its thread ends by itself. The client forgets its own when a connection is aborted in one of its callbacks. */
    private static ExecutorService callbacks() {
        ThreadPoolExecutor executor =
                new ThreadPoolExecutor(1, 1, 10, TimeUnit.SECONDS, new LinkedBlockingQueue<>(), task -> {
                    Thread thread = new Thread(task, "outbox-rabbit-callbacks");
                    thread.setDaemon(true);
                    return thread;
                });
        executor.allowCoreThreadTimeOut(true);
        return executor;
    }

    private static Thread start(Runnable task) {
        Thread thread = new Thread(task, "outbox-rabbit-" + NUMBER.incrementAndGet());
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    /**
     * Starts a publisher.
     *
     * @param factory host, credentials, virtual host, TLS and the like; copied
     * @return a new builder
     */
    public static Builder builder(ConnectionFactory factory) {
        return new Builder(factory);
    }

    /**
     * Starts a publisher.
     *
     * @param uri for example {@code amqp://user:password@host:5672/vhost}; {@code amqps} for TLS
     * @return a new builder
     * @throws IllegalArgumentException when it is no AMQP address
     */
    public static Builder builder(String uri) {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(uri);
        } catch (URISyntaxException | GeneralSecurityException e) {
            throw new IllegalArgumentException("not an AMQP address", e); // not shown, it may have a password
        }
        return builder(factory);
    }

    @Override
    public void publish(StoredMessage message, Confirmation confirmation) {
        Outgoing outgoing = new Outgoing(message, confirmation, System.nanoTime());
        Session current = session;
        if (closed) {
            outgoing.complete(PublishOutcome.channelUnavailable(new IllegalStateException("the publisher is closed")));
        } else if (current != null && current.isUsable() && current.isBlocked()) {
            outgoing.complete(PublishOutcome.channelUnavailable(
                    new IllegalStateException("the broker has blocked the connection: a memory or disk alarm")));
        } else {
            String refusal = refusal(outgoing);
            if (refusal != null) {
                outgoing.complete(PublishOutcome.rejectedForGood(new IllegalArgumentException(refusal)));
                return;
            }
            queue.add(outgoing);
            if (closed) {
                failQueued(new IllegalStateException("the publisher is closed"));
            }
        }
    }

    private @Nullable String refusal(Outgoing outgoing) {
        int bytes = outgoing.message.message().payload().length;
        return bytes > maxMessageBytes
                ? "payload of " + bytes + " bytes, maxMessageBytes is " + maxMessageBytes
                : WireFormat.refusal(outgoing);
    }

    /** Returns false. */
    @Override
    public boolean keepsOrder() {
        return false;
    }

    private void sendAll() {
        try {
            while (!closed) {
                Outgoing next = queue.poll(LOOK.toMillis(), TimeUnit.MILLISECONDS);
                if (next != null && !next.isDone()) {
                    sending = next;
                    send(next);
                    sending = null;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            // the session, too: it may have been made while close() ended the one before
            fail(new IllegalStateException("the publisher is closed"));
        }
    }

    private void send(Outgoing outgoing) throws InterruptedException {
        try {
            PublishOutcome refusal = openSession().send(outgoing);
            if (refusal != null) {
                outgoing.complete(refusal);
            }
        } catch (IOException | TimeoutException | RuntimeException e) {
            fail(e);
            outgoing.complete(PublishOutcome.channelUnavailable(e));
        }
    }

    private Session openSession() throws IOException, TimeoutException {
        Session current = session;
        if (current == null || !current.isUsable()) {
            if (current != null) {
                current.abort(new IOException("the connection is no longer usable"));
            }
            current = new Session(connector.open(), format, suspects);
            session = current; // before it is open, so that it can be aborted until then
            current.open(lanes);
        }
        return current;
    }

    /** Ends the session; what waits would only find the same. */
    private void fail(Throwable cause) {
        Session current = session;
        if (current != null) {
            current.abort(cause);
        }
        failQueued(cause);
    }

    private void failQueued(Throwable cause) {
        for (Outgoing waiting = queue.poll(); waiting != null; waiting = queue.poll()) {
            waiting.complete(PublishOutcome.channelUnavailable(cause));
        }
    }

    /** Ends what waits too long: for a confirm, or for a socket that takes nothing because the broker reads nothing. */
    private void watch() {
        try {
            while (!closed) {
                TimeUnit.NANOSECONDS.timedJoin(sender, LOOK.toNanos());
                long before = System.nanoTime() - confirmTimeoutNanos;
                Session current = session;
                Outgoing stuck = sending;
                boolean isStuck = stuck != null && stuck.sinceNanos - before < 0;
                if (isStuck || (current != null && current.isOverdue(before))) {
                    Throwable cause = new TimeoutException(
                            "no confirm within confirmTimeout of " + Duration.ofNanos(confirmTimeoutNanos));
                    fail(cause);
                    if (stuck != null && isStuck) {
                        stuck.complete(PublishOutcome.channelUnavailable(cause));
                    }
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Closes the connection at once: whatever has no confirm yet ends as unavailable. Repeating it does nothing. */
    @Override
    public void close() {
        closed = true;
        fail(new IllegalStateException("the publisher is closed"));
        sender.interrupt();
        watchdog.interrupt();
    }

    /** Builds a {@link RabbitPublisher}; confined to one thread. */
    public static final class Builder {
        private final ConnectionFactory factory;
        private List<Address> addresses = List.of();
        private String source = "/outbox";
        private int amqpChannels = 4;
        private int maxMessageBytes = 16 * 1024 * 1024;
        private Duration confirmTimeout = Duration.ofSeconds(30);

        private Builder(ConnectionFactory factory) {
            this.factory = requireNonNull(factory, "factory");
        }

        /**
         * Sets several hosts of one cluster, tried in random order. Default: the factory's host.
         *
         * @param hosts hosts and ports
         * @return this builder
         */
        public Builder addresses(List<Address> hosts) {
            addresses = List.copyOf(hosts);
            return this;
        }

        /**
         * Sets the sender's name, the CloudEvents attribute {@code source}. Default: {@code /outbox}.
         *
         * @param source a URI reference, for example {@code /orders}; not blank
         * @return this builder
         */
        public Builder source(String source) {
            if (requireNonNull(source, "source").isBlank()) {
                throw new IllegalArgumentException("source must not be blank");
            }
            this.source = source;
            return this;
        }

        /**
         * Sets over how many AMQP channels the shards are spread.
         *
         * @param channels 1 to 64; default 4
         * @return this builder
         */
        public Builder amqpChannels(int channels) {
            if (channels < 1 || channels > 64) {
                throw new IllegalArgumentException("amqpChannels must be 1 to 64, was " + channels);
            }
            amqpChannels = channels;
            return this;
        }

        /**
         * Sets the largest payload: the broker's {@code max_message_size}, beyond which it would end the AMQP channel.
         *
         * @param bytes at least 1; default 16 MiB, RabbitMQ 4's own
         * @return this builder
         */
        public Builder maxMessageBytes(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("maxMessageBytes must be >= 1, was " + bytes);
            }
            maxMessageBytes = bytes;
            return this;
        }

        /**
         * Sets how long a message may wait for its confirm before the connection is given up.
         *
         * @param timeout above zero; default 30 s
         * @return this builder
         */
        public Builder confirmTimeout(Duration timeout) {
            confirmTimeout = Durations.positive("confirmTimeout", timeout);
            return this;
        }

        /**
         * Makes the publisher. Contacts no broker: the first message does.
         *
         * @return a thread-safe publisher
         */
        public RabbitPublisher build() {
            return new RabbitPublisher(this);
        }
    }
}
