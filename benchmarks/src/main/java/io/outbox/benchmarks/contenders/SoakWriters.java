package io.outbox.benchmarks.contenders;

import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.WorkerContext;
import io.outbox.jdbc.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Writers on a schedule, each with keys of its own, and one whose transactions stay open for up to three seconds. Some roll back.
 * They keep a number for each key and nothing for each message. Thread-safe.
 */
final class SoakWriters {
    /** Keys of the writer that commits late, after all others. */
    static final int LATE_KEYS = 4;

    private static final int ROLLED_BACK_ONE_IN = 200;
    private static final int LATE_ROLLED_BACK_ONE_IN = 4;
    private static final int MESSAGES_OF_A_LATE_ONE = 3;
    private static final long LONGEST_OPEN_MILLIS = 3_000;

    private final WorkerContext context;
    private final Outbox<Connection> outbox;
    private final Transactions transactions;
    private final String topic;
    private final long start = System.nanoTime();
    private final long end;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong late = new AtomicLong();
    private final AtomicLong rolledBack = new AtomicLong();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    SoakWriters(WorkerContext context, Outbox<Connection> outbox, String topic) {
        this.context = context;
        this.outbox = outbox;
        this.topic = topic;
        transactions = Transactions.of(context.database().dataSource());
        end = start + TimeUnit.MILLISECONDS.toNanos(context.count("soakMillis"));
    }

    void start() {
        int writers = Math.min(context.count("writers"), context.keys());
        for (int i = 0; i < writers; i++) {
            int writer = i;
            start("soak-writer-" + i, () -> writeSteadily(writer, writers));
        }
        start("soak-late-writer", this::writeLate);
    }

    /** What a writer does until its time is over. */
    private interface Work {
        void run() throws SQLException;
    }

    private void start(String name, Work work) {
        Thread thread = new Thread(
                () -> {
                    try {
                        work.run();
                    } catch (SQLException | RuntimeException e) {
                        failure.compareAndSet(null, e);
                    }
                },
                name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private void writeSteadily(int writer, int writers) throws SQLException {
        int ownKeys = (context.keys() - writer + writers - 1) / writers;
        int[] sequences = new int[ownKeys];
        long perSecond = context.count("rate");
        for (long turn = 0; ; turn++) {
            waitUntil(start + (long) ((turn * (double) writers + writer) / perSecond * 1e9));
            if (System.nanoTime() - end >= 0) {
                return;
            }
            int own = (int) (turn % ownKeys);
            if (transact(writer + own * writers, sequences[own], 1, 0, ROLLED_BACK_ONE_IN)) {
                sequences[own]++;
                committed.incrementAndGet();
            }
        }
    }

    private void writeLate() throws SQLException {
        int[] sequences = new int[LATE_KEYS];
        while (System.nanoTime() - end < 0) {
            int own = ThreadLocalRandom.current().nextInt(LATE_KEYS);
            long open = ThreadLocalRandom.current().nextLong(1, LONGEST_OPEN_MILLIS);
            int key = context.keys() + own;
            if (transact(key, sequences[own], MESSAGES_OF_A_LATE_ONE, open, LATE_ROLLED_BACK_ONE_IN)) {
                sequences[own] += MESSAGES_OF_A_LATE_ONE;
                committed.addAndGet(MESSAGES_OF_A_LATE_ONE);
                late.incrementAndGet();
            }
        }
    }

    /** Returns whether it was committed. */
    private boolean transact(int key, int sequence, int messages, long openMillis, int rolledBackOneIn)
            throws SQLException {
        try {
            return transactions.inTransaction(connection -> {
                for (int i = 0; i < messages; i++) {
                    publish(connection, new BenchMessage(0, key, sequence + i));
                }
                waitUntil(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(openMillis));
                if (ThreadLocalRandom.current().nextInt(rolledBackOneIn) == 0) {
                    throw new RolledBack();
                }
                return true;
            });
        } catch (RolledBack e) {
            rolledBack.incrementAndGet();
            return false;
        }
    }

    private void publish(Connection connection, BenchMessage message) throws SQLException {
        SoakTables.write(connection, message);
        String unused = outbox.publish(
                connection,
                Message.to(topic)
                        .key(message.keyText())
                        .type("bench.message")
                        .payload(message.text(context.padding()))
                        .build());
    }

    private static void waitUntil(long at) {
        for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    boolean isWriting() {
        return threads.stream().anyMatch(Thread::isAlive);
    }

    /** Returns how many messages were committed. */
    long committed() {
        return committed.get();
    }

    long late() {
        return late.get();
    }

    long rolledBack() {
        return rolledBack.get();
    }

    /** Throws what ended a writer before its time. */
    void check() {
        Exception failed = failure.get();
        if (failed != null) {
            throw new IllegalStateException("a writer failed", failed);
        }
    }

    /** Rolls a transaction back, as planned. */
    private static final class RolledBack extends RuntimeException {
        private static final long serialVersionUID = 1;

        RolledBack() {
            super("rolled back, as planned", null, false, false);
        }
    }
}
