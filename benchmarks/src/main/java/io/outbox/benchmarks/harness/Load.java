package io.outbox.benchmarks.harness;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * What was written.
 *
 * @param written how much
 * @param commits when the transaction of each number was committed
 */
public record Load(Party.Written written, long[] commits) {
    static long[] read(Path file) throws IOException {
        long[] commits = new long[Math.toIntExact(Files.size(file) / Long.BYTES)];
        try (DataInputStream in = new DataInputStream(new BufferedInputStream(Files.newInputStream(file)))) {
            for (int i = 0; i < commits.length; i++) {
                commits[i] = in.readLong();
            }
        }
        return commits;
    }

    /** Returns when the last transaction was committed. */
    public long lastCommit() {
        long last = Long.MIN_VALUE;
        for (long commit : commits) {
            last = Math.max(last, commit);
        }
        return last;
    }

    /**
     * Returns the milliseconds from each commit to its arrival, of those that arrived.
     *
     * @param startUp how long after the first commit they count: before, producers connect for the first time
     */
    public double[] latencies(TopicConsumer consumer, Duration startUp) {
        long from = LongStream.of(commits).min().orElse(0) + startUp.toNanos();
        return IntStream.range(0, commits.length)
                .filter(number -> consumer.arrivedAt(number) != 0 && commits[number] >= from)
                .mapToDouble(number -> (consumer.arrivedAt(number) - commits[number]) / 1e6)
                .toArray();
    }

    /** Returns the milliseconds from the last commit to the last arrival. */
    public double lag(TopicConsumer consumer) {
        long last = IntStream.range(0, commits.length)
                .mapToLong(consumer::arrivedAt)
                .max()
                .orElse(0);
        return Math.max(0, last - lastCommit()) / 1e6;
    }
}
