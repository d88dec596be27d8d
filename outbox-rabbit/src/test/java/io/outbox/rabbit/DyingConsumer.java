package io.outbox.rabbit;

import com.rabbitmq.client.ConnectionFactory;
import io.outbox.StoreException;
import io.outbox.TransactionRunner;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.Transactions;
import java.io.IOException;
import java.nio.file.Path;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.postgresql.ds.PGSimpleDataSource;

/** A consumer in a JVM of its own, which dies right after a commit in the database, before anything is acknowledged. */
final class DyingConsumer {
    static final int DIED = 137;

    private DyingConsumer() {}

    /**
     * Runs one and returns how it ended.
     *
     * @param commits after how many it dies; 0 for never
     */
    static Process start(int commits, String... arguments) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx96m",
                "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                DyingConsumer.class.getName(),
                Integer.toString(commits)));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command).inheritIO().start();
    }

    static int awaitEnd(Process process) throws InterruptedException {
        if (!process.waitFor(1, TimeUnit.MINUTES)) {
            process.destroyForcibly();
            throw new IllegalStateException("the consumer does not die");
        }
        return process.exitValue();
    }

    /** Arguments: commits, JDBC URL, user, password, broker, source. */
    public static void main(String[] arguments) throws Exception {
        PGSimpleDataSource dataSource = new PGSimpleDataSource();
        dataSource.setUrl(arguments[1]);
        dataSource.setUser(arguments[2]);
        dataSource.setPassword(arguments[3]);
        TransactionRunner<Connection> transactions =
                new Dying(Transactions.of(dataSource), Integer.parseInt(arguments[0]), new AtomicInteger());
        IdempotentConsumer<Connection> consumer =
                IdempotentConsumer.of("billing", transactions, JdbcDedupStore.of(dataSource));
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(arguments[4]);
        RabbitConsumerLoop loop = RabbitConsumerLoop.builder(factory, List.of(arguments[5]), consumer, Inbox::effect)
                .batch(10)
                .build();
        loop.start();
        Thread.currentThread().join();
    }

    /** Dies after a commit. */
    private record Dying(TransactionRunner<Connection> transactions, int limit, AtomicInteger commits)
            implements TransactionRunner<Connection> {
        @Override
        public <R, X extends Exception> R inTransaction(Work<Connection, R, X> work) throws X, StoreException {
            R result = transactions.inTransaction(work);
            if (commits.incrementAndGet() == limit) {
                Runtime.getRuntime().halt(DIED);
            }
            return result;
        }
    }
}
