package io.outbox.benchmarks.worker;

import io.outbox.benchmarks.wire.BenchMessage;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Writers, each with keys of its own, so that a key's transactions follow one another. As fast as they can, or on a
 * schedule that does not wait for slow commits. Any failure ends the run.
 */
final class WriteLoad {
    private final Contender contender;
    private final WorkerContext context;
    private final String topic;
    private final int writers;
    private final long nanos;
    private final long perSecond;
    private final long[] commits;
    private final AtomicLong next = new AtomicLong();
    private final long start = System.nanoTime();

    /**
     * Prepares a load.
     *
     * @param perSecond transactions a second of all writers together; 0 for as many as possible
     * @param limit at most so many transactions
     */
    WriteLoad(
            Contender contender,
            WorkerContext context,
            String topic,
            int writers,
            long milliseconds,
            long perSecond,
            int limit) {
        this.contender = contender;
        this.context = context;
        this.topic = topic;
        this.writers = Math.min(writers, context.keys());
        this.perSecond = perSecond;
        nanos = TimeUnit.MILLISECONDS.toNanos(milliseconds);
        commits = new long[limit];
    }

    /** Runs it; returns how many transactions were committed, numbered from 0. */
    long run() throws InterruptedException {
        ExecutorService threads = Executors.newFixedThreadPool(writers);
        try {
            List<Callable<Void>> all = new ArrayList<>();
            for (int i = 0; i < writers; i++) {
                int writer = i;
                all.add(() -> write(writer));
            }
            for (Future<Void> one : threads.invokeAll(all)) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw new IllegalStateException("a writer failed", e.getCause());
        } finally {
            threads.shutdownNow();
        }
        return Math.min(next.get(), commits.length);
    }

    private Void write(int writer) throws Exception {
        int ownKeys = (context.keys() - writer + writers - 1) / writers;
        int[] sequences = new int[ownKeys];
        for (int turn = 0; System.nanoTime() - start < nanos; turn++) {
            if (perSecond > 0) {
                waitUntil(start + (long) ((turn * (double) writers + writer) / perSecond * 1e9));
            }
            long number = next.getAndIncrement();
            if (number >= commits.length) {
                break;
            }
            int own = turn % ownKeys;
            contender.transact(new BenchMessage(number, writer + own * writers, sequences[own]++), topic);
            commits[(int) number] = context.database().lastCommitNanos();
        }
        return null;
    }

    private static void waitUntil(long at) {
        for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Writes the times of the commits, by number. */
    void save(Path file, long count) throws IOException {
        try (DataOutputStream out = new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(file)))) {
            for (int i = 0; i < count; i++) {
                out.writeLong(commits[i]);
            }
        }
    }
}
