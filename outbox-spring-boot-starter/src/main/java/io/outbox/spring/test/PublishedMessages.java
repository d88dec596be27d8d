package io.outbox.spring.test;

import static java.util.Objects.requireNonNull;

import io.outbox.relay.ChannelStatus;
import io.outbox.relay.Relay;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * What the application has published since its start or the last {@link #clear}, in the order in which the relay took it. Thread-safe.
 *
 * <p>Each question waits until nothing committed is left in the outbox, so there is no need to wait in a test, and an empty answer means
 * that nothing was published. Scheduled messages are not waited for.
 */
public final class PublishedMessages implements Publisher {
    private static final Duration LIMIT = Duration.ofSeconds(20);
    private static final long LOOK_MILLIS = 5;

    private final Supplier<List<Relay>> relays;
    /** Guarded by this. */
    private final List<OutboxRecord> messages = new ArrayList<>();

    PublishedMessages(Supplier<List<Relay>> relays) {
        this.relays = relays;
    }

    /**
     * Returns everything that was published.
     *
     * @return messages as the relay hands them to a broker
     * @throws IllegalStateException when the outbox is not empty after 20 seconds, or no relay runs
     */
    public List<OutboxRecord> all() {
        awaitEmptyOutbox();
        synchronized (this) {
            return List.copyOf(messages);
        }
    }

    /**
     * Returns what was published to a destination.
     *
     * @param destination a topic, or exchange and routing key
     * @return messages as the relay hands them to a broker
     * @throws IllegalStateException as {@link #all}
     */
    public List<OutboxRecord> to(String destination) {
        requireNonNull(destination, "destination");
        return all().stream()
                .filter(message -> message.destination().equals(destination))
                .toList();
    }

    /** Forgets what was published, also what is committed and on its way. */
    public void clear() {
        awaitEmptyOutbox();
        synchronized (this) {
            messages.clear();
        }
    }

    private void awaitEmptyOutbox() {
        long start = System.nanoTime();
        while (relays.get().isEmpty() || !relays.get().stream().allMatch(PublishedMessages::isEmpty)) {
            if (System.nanoTime() - start > LIMIT.toNanos()) {
                throw new IllegalStateException("the outbox is not empty after " + LIMIT.toSeconds()
                        + " s: does the relay run (outbox.relay.enabled)? " + relays.get());
            }
            try {
                TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new IllegalStateException("interrupted while waiting for the relay", e);
            }
        }
    }

    private static boolean isEmpty(Relay relay) {
        List<ChannelStatus> channels = relay.status().channels();
        return !channels.isEmpty()
                && channels.stream().allMatch(channel -> channel.oldestWaiting().isEmpty() && channel.inFlight() == 0);
    }

    @Override
    public void publish(StoredMessage message, Confirmation confirmation) {
        synchronized (this) {
            messages.add(message.message());
        }
        confirmation.complete(PublishOutcome.published());
    }

    @Override
    public boolean keepsOrder() {
        return true;
    }

    @Override
    public void close() {
        // nothing is open
    }
}
