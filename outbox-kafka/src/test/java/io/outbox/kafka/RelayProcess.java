package io.outbox.kafka;

import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.relay.Relay;
import io.outbox.testkit.internal.ChildJvm;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.postgresql.ds.PGSimpleDataSource;

/** A relay in a JVM of its own, which a test can stop, continue, end and kill. */
final class RelayProcess {
    static final Duration LEASE = Duration.ofSeconds(2);

    private final Process process;

    private RelayProcess(Process process) {
        this.process = process;
    }

    static RelayProcess start(String jdbcUrl, String user, String password, String bootstrapServers, Duration clockOff)
            throws IOException {
        return new RelayProcess(ChildJvm.of(
                        RelayProcess.class,
                        jdbcUrl,
                        user,
                        password,
                        bootstrapServers,
                        Long.toString(clockOff.toNanos()))
                .inheritIO()
                .start());
    }

    /** Sends a signal. */
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("sh", "-c", "kill -s " + name + " " + process.pid())
                .start()
                .waitFor();
    }

    /** Kills it at once and waits for its end. */
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Waits for its end; false when it has not come within a minute. */
    boolean awaitEnd() throws InterruptedException {
        return process.waitFor(1, TimeUnit.MINUTES);
    }

    /** Runs until the process is told to end: then stops the relay in a shutdown hook. */
    public static void main(String[] arguments) throws InterruptedException {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(arguments[0]);
        dataSource.setUser(arguments[1]);
        dataSource.setPassword(arguments[2]);
        long clockOff = Long.parseLong(arguments[4]);
        KafkaPublisher publisher = KafkaPublisher.builder(arguments[3]).build();
        Relay relay = Relay.builder(JdbcOutboxStore.of(dataSource))
                .publisher(publisher)
                .leaseTime(LEASE)
                .ticker(() -> System.nanoTime() + clockOff)
                .build();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            relay.stop(Duration.ofSeconds(10));
            publisher.close();
        }));
        relay.start();
        Thread.currentThread().join();
    }
}
