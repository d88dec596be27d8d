package io.outbox.benchmarks.peers.txoutbox;

import com.gruelbox.transactionoutbox.Dialect;
import com.gruelbox.transactionoutbox.Instantiator;
import com.gruelbox.transactionoutbox.Persistor;
import com.gruelbox.transactionoutbox.Submitter;
import com.gruelbox.transactionoutbox.TransactionManager;
import com.gruelbox.transactionoutbox.TransactionOutbox;
import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.Contender;
import io.outbox.benchmarks.worker.Sink;
import io.outbox.benchmarks.worker.WorkerContext;
import io.outbox.benchmarks.worker.WorkerDatabase;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * com.gruelbox:transactionoutbox-core, tuned: hands over from memory after the commit to a pool of threads; a loop
 * flushes what is due in large batches, but for as long as the pool is busy. Each invocation waits for its record.
 */
public final class TransactionOutboxContender implements Contender {
    private static final int THREADS = 16;
    private static final int FLUSH = 2_000;
    private static final int CHUNK = 1_000;
    private static final Duration ATTEMPTS = Duration.ofSeconds(10);
    private static final long PAUSE_NANOS = 5_000_000;

    private final WorkerContext context;
    private final TransactionManager transactions;
    private final TransactionOutbox outbox;
    private final KafkaSender sender = new KafkaSender();
    private final ThreadPoolExecutor pool =
            new ThreadPoolExecutor(THREADS, THREADS, 1, TimeUnit.MINUTES, new LinkedBlockingQueue<>());
    private volatile boolean running;
    private volatile Thread flusher;

    /** What is invoked through the outbox. */
    public static class KafkaSender {
        private volatile Sink sink;

        /** Sends a record and waits for its acknowledgement. */
        public void send(String topic, String key, String id, String payload) throws InterruptedException {
            sink.sendAndWait(topic, key, id, payload.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Makes the contender; touches no database. */
    public TransactionOutboxContender(WorkerContext context) {
        this.context = context;
        transactions = TransactionManager.fromDataSource(context.database().dataSource());
        Submitter submitter = Submitter.withExecutor(pool);
        outbox = TransactionOutbox.builder()
                .transactionManager(transactions)
                .persistor(Persistor.forDialect(
                        context.database().isPostgres() ? Dialect.POSTGRESQL_9 : Dialect.H2))
                .instantiator(Instantiator.using(type -> sender))
                .submitter((entry, processor) -> {
                    if (running) {
                        submitter.submit(entry, processor);
                    }
                })
                .attemptFrequency(ATTEMPTS)
                .blockAfterAttempts(1_000)
                .flushBatchSize(FLUSH)
                .initializeImmediately(false)
                .build();
    }

    @Override
    public void createTables() throws SQLException {
        outbox.initialize();
        context.database().execute("truncate table txno_outbox");
    }

    @Override
    public void preload(long from, long to, String topic) {
        for (long start = from; start < to; start += CHUNK) {
            long first = start;
            long end = Math.min(to, start + CHUNK);
            transactions.inTransaction(() -> {
                for (long number = first; number < end; number++) {
                    schedule(context.message(number), topic);
                }
            });
        }
    }

    private void schedule(BenchMessage message, String topic) {
        try {
            outbox.schedule(KafkaSender.class)
                    .send(topic, message.keyText(), message.id(), message.text(context.padding()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void startRelay(String topic) {
        sender.sink = context.openSink(Map.of("linger.ms", 0));
        running = true;
        flusher = new Thread(this::flush, "flusher");
        flusher.start();
    }

    private void flush() {
        while (running) {
            if (pool.getQueue().size() > FLUSH || !outbox.flush()) {
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    @Override
    public void stopRelay() throws InterruptedException {
        running = false;
        flusher.join();
        pool.getQueue().clear();
        while (pool.getActiveCount() > 0) {
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        sender.sink.close();
    }

    @Override
    public void transact(BenchMessage message, String topic) throws SQLException {
        transactions.inTransactionThrows(transaction -> {
            WorkerDatabase.insertBusiness(transaction.connection(), message.number());
            schedule(message, topic);
        });
    }
}
