package io.outbox.quickstart;

import io.outbox.relay.Relay;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.Publisher;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.function.Supplier;

/** The relay of the run, and how it can end: each way out is what happens to a service some day. Thread-safe. */
final class Relays implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final OutboxStore<?> store;
    private final Supplier<Publisher> publishers;
    private final Duration leaseTime;
    /** Guarded by this. */
    private Running current;

    Relays(OutboxStore<?> store, Supplier<Publisher> publishers, Duration leaseTime) {
        this.store = store;
        this.publishers = publishers;
        this.leaseTime = leaseTime;
        current = start();
    }

    private Running start() {
        ScheduledExecutorService threads = Executors.newScheduledThreadPool(6, task -> {
            Thread thread = new Thread(task, "quickstart-relay");
            thread.setDaemon(true);
            return thread;
        });
        Publisher publisher = publishers.get();
        Relay relay = Relay.builder(store)
                .publisher(publisher)
                .executor(threads)
                .leaseTime(leaseTime)
                .build();
        relay.start();
        return new Running(relay, publisher, threads);
    }

    /** As in a deployment: the old relay finishes what is in flight, then the new one starts. */
    synchronized void restart() {
        current.stop(PATIENCE);
        current = start();
    }

    /** As in a hasty deployment: the new one is there already when the old one ends in the middle of its work. */
    synchronized void replace() {
        Running old = current;
        current = start();
        old.stop(Duration.ZERO);
    }

    /** As in a crash: the new one has to wait until the leases of the old one expire. */
    synchronized void crash() {
        current.kill();
        current = start();
    }

    @Override
    public synchronized void close() {
        current.stop(PATIENCE);
    }

    /** A relay with all that is its own. */
    private record Running(Relay relay, Publisher publisher, ScheduledExecutorService threads) {
        void stop(Duration limit) {
            relay.stop(limit);
            threads.shutdownNow();
            publisher.close();
        }

        void kill() {
            threads.shutdownNow();
            publisher.close();
        }
    }
}
