package io.outbox.torture.worker;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.StoreException;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.relay.Relay;
import io.outbox.relay.RetryPolicy;
import io.outbox.spi.Publisher;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A relay of one or both channels with a short lease, a clock that may be hours off, and a window that may be small. */
final class RelayJob implements Worker.Job {
    private static final Duration LEASE = Duration.ofSeconds(3);
    private static final int SMALL_BATCH = 30;
    private static final int SMALL_WINDOW = 100;
    /** More than any outage takes, also on a slow machine: what becomes a dead letter was refused for good. */
    private static final int MOST_ATTEMPTS = 200;

    private static final Duration STOP = Duration.ofSeconds(10);

    private final boolean servesAll;

    /**
     * Makes one.
     *
     * @param servesAll whether it serves both channels; else the random numbers say which, at least one
     */
    RelayJob(boolean servesAll) {
        this.servesAll = servesAll;
    }

    @Override
    public void run(HikariDataSource dataSource, BrokerClient broker, Random random, CountDownLatch stopping)
            throws InterruptedException {
        boolean servesFirst = servesAll || random.nextInt(3) > 0;
        boolean servesSecond = servesAll || !servesFirst || random.nextBoolean();
        try (Publisher first = broker.publisher(random);
                Publisher second = broker.publisher(random)) {
            long clockOff = Duration.ofHours(random.nextInt(-100, 100)).toNanos();
            Relay.Builder builder = Relay.builder(JdbcOutboxStore.of(dataSource))
                    .leaseTime(LEASE)
                    .ticker(() -> System.nanoTime() + clockOff)
                    .retryPolicy(RetryPolicy.defaults()
                            .withDelays(Duration.ofMillis(500), Duration.ofSeconds(3))
                            .withMaxAttempts(MOST_ATTEMPTS))
                    .listener(new PrintingListener());
            if (servesFirst) {
                builder.publisher(first);
            }
            if (servesSecond) {
                builder.publisher(Names.SECOND_CHANNEL, second);
            }
            if (random.nextBoolean()) {
                builder.batchSize(SMALL_BATCH).maxInFlight(SMALL_WINDOW);
            }
            Relay relay = builder.build();
            if (start(relay, stopping)) {
                stopping.await();
                System.out.println("stopped, all in flight done: " + relay.stop(STOP));
            }
        }
    }

    /** Tries until the database answers; false when it is told to end before. */
    private static boolean start(Relay relay, CountDownLatch stopping) throws InterruptedException {
        while (true) {
            try {
                relay.start();
                return true;
            } catch (StoreException e) {
                System.out.println("cannot start yet: " + e);
            }
            if (stopping.await(500, TimeUnit.MILLISECONDS)) {
                return false;
            }
        }
    }
}
