package io.outbox.quickstart;

import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.relay.Relay;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Publisher;
import io.outbox.spi.RelayListener;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/**
 * The relay of the run. With chaos there is always one, but seldom the same for long: it is stopped in the middle of its
 * work, or killed like a process, so that the next has to wait for its lease to expire.
 */
final class Relays implements AutoCloseable {
    private static final Duration CHAOS_LEASE = Duration.ofMillis(800);
    private static final int THREADS = 6;

    private final JdbcOutboxStore store;
    private final Supplier<Publisher> publishers;
    private final boolean chaos;
    private final AtomicLong published = new AtomicLong();
    private final AtomicLong restarts = new AtomicLong();
    private final Random random = new Random();
    private ScheduledExecutorService process;
    private Publisher publisher;
    private Relay relay;

    Relays(JdbcOutboxStore store, Supplier<Publisher> publishers, boolean chaos) {
        this.store = store;
        this.publishers = publishers;
        this.chaos = chaos;
        process = newProcess();
        publisher = publishers.get();
        relay = start(publisher, process);
    }

    private static ScheduledExecutorService newProcess() {
        return Executors.newScheduledThreadPool(THREADS, task -> {
            Thread thread = new Thread(task, "quickstart-relay");
            thread.setDaemon(true);
            return thread;
        });
    }

    private Relay start(Publisher to, ScheduledExecutorService threads) {
        Relay.Builder builder =
                Relay.builder(store).publisher(to).executor(threads).listener(new Counter(published));
        if (chaos) {
            builder.leaseTime(CHAOS_LEASE);
        }
        Relay started = builder.build();
        started.start();
        return started;
    }

    /** Ends the relay without letting it finish, and starts another. */
    void restart() {
        Relay old = relay;
        ScheduledExecutorService oldProcess = process;
        Publisher oldPublisher = publisher;
        if (random.nextInt(3) == 0) {
            oldProcess.shutdownNow();
        }
        process = newProcess();
        publisher = publishers.get();
        relay = start(publisher, process);
        if (!oldProcess.isShutdown()) {
            old.stop(Duration.ZERO);
            oldProcess.shutdownNow();
        }
        oldPublisher.close();
        restarts.incrementAndGet();
    }

    long published() {
        return published.get();
    }

    long restarts() {
        return restarts.get();
    }

    @Override
    public void close() {
        relay.stop(Duration.ofSeconds(10));
        process.shutdownNow();
        publisher.close();
    }

    private record Counter(AtomicLong published) implements RelayListener {
        @Override
        public void onPublished(String channel, int messages) {
            published.addAndGet(messages);
        }

        @Override
        public void onParked(StoredMessage message, ParkedState state, String reason) {}

        @Override
        public void onCircuitOpened(String channel, Throwable cause) {}

        @Override
        public void onCircuitClosed(String channel) {}

        @Override
        public void onLeasesChanged(String channel, Set<Integer> shards) {}

        @Override
        public void onFailure(String channel, String pass, Throwable cause) {}
    }
}
