package io.outbox.torture.worker;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Main class of the processes that are attacked. Ends in order at SIGTERM, and at once when its parent is gone. */
public final class Worker {
    private static final long STOP_SECONDS = 40;
    private static final int POOL = 12;

    private final WorkerSettings settings;
    private final Random random;
    private final CountDownLatch stopping = new CountDownLatch(1);

    private Worker(WorkerSettings settings) {
        this.settings = settings;
        random = new Random(settings.seed());
    }

    /** What runs in a process until it is told to end. */
    interface Job {
        /** Works until the latch is down, and ends in order. */
        void run(HikariDataSource dataSource, BrokerClient broker, Random random, CountDownLatch stopping)
                throws InterruptedException;
    }

    /** Takes {@link WorkerSettings#arguments()}. */
    public static void main(String[] arguments) {
        System.out.println(Library.line());
        new Worker(WorkerSettings.parse(arguments)).run();
    }

    private void run() {
        watchParent();
        CountDownLatch ended = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stopping.countDown();
            await(ended);
        }));
        try (HikariDataSource dataSource = pool()) {
            Job job = switch (settings.role()) {
                case RELAY -> new RelayJob(settings.index() == 0); // each channel has one at least
                case WRITER -> this::write;
                case CONSUMER -> new ConsumerJob();
            };
            job.run(dataSource, settings.broker().client(settings.address()), random, stopping);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended.countDown();
        }
    }

    /** Every other writer has a relay beside it, as a service would: that one is woken by its commits. */
    private void write(HikariDataSource dataSource, BrokerClient broker, Random own, CountDownLatch stop)
            throws InterruptedException {
        if (own.nextBoolean()) {
            Random ofRelay = new Random(own.nextLong());
            Thread relay = new Thread(
                    () -> {
                        try {
                            new RelayJob(false).run(dataSource, broker, ofRelay, stop);
                        } catch (InterruptedException e) {
                            Thread.currentThread().interrupt();
                        }
                    },
                    "relay");
            relay.start();
            new WriterJob().run(dataSource, broker, new Random(own.nextLong()), stop);
            relay.join();
        } else {
            new WriterJob().run(dataSource, broker, own, stop);
        }
    }

    private static void await(CountDownLatch ended) {
        try {
            if (!ended.await(STOP_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("did not end in order within " + STOP_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private HikariDataSource pool() {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(settings.url());
        config.setUsername(settings.user());
        config.setPassword(settings.password());
        config.setMaximumPoolSize(POOL);
        config.setMinimumIdle(1);
        config.setConnectionTimeout(TimeUnit.SECONDS.toMillis(5));
        config.setInitializationFailTimeout(-1); // it may be born while the database is away
        // never left out: HikariCP 7.1 asks the first connection for it, and is of no use for good if that one is cut
        // then
        config.setTransactionIsolation(
                random.nextBoolean()
                        ? "TRANSACTION_READ_COMMITTED"
                        : settings.database().defaultIsolation());
        return new HikariDataSource(config);
    }

    private static void watchParent() {
        Thread watch = new Thread(
                () -> {
                    try {
                        while (System.in.read() >= 0) {
                            // nothing is ever said
                        }
                    } catch (IOException e) {
                        // as good as closed
                    }
                    Runtime.getRuntime().halt(1);
                },
                "parent");
        watch.setDaemon(true);
        watch.start();
    }
}
