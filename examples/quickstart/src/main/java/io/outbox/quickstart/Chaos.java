package io.outbox.quickstart;

import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Makes trouble several times a second, on a thread of its own, until it is closed. */
final class Chaos implements AutoCloseable {
    private static final int SHORTEST_PAUSE_MILLIS = 200;
    private static final int LONGEST_PAUSE_MILLIS = 800;

    private final Relays relays;
    private final Transport transport;
    private final Counts counts;
    private final Random random = new Random();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "quickstart-chaos");
    private volatile @Nullable RuntimeException failure;

    Chaos(Relays relays, Transport transport, Counts counts) {
        this.relays = relays;
        this.transport = transport;
        this.counts = counts;
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!closed.await(pauseMillis(), TimeUnit.MILLISECONDS)) {
                makeTrouble();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private int pauseMillis() {
        return random.nextInt(SHORTEST_PAUSE_MILLIS, LONGEST_PAUSE_MILLIS);
    }

    private void makeTrouble() {
        switch (random.nextInt(4)) {
            case 0 -> relays.restart();
            case 1 -> relays.replace();
            case 2 -> relays.crash();
            default -> {
                transport.redeliver();
                return;
            }
        }
        counts.relayRestarts.incrementAndGet();
    }

    /** Ends the trouble; throws what made it end before. */
    @Override
    public void close() {
        closed.countDown();
        Threads.join(thread);
        RuntimeException failed = failure;
        if (failed != null) {
            throw failed;
        }
    }
}
