package io.outbox.benchmarks.harness;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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

    /** Returns the milliseconds from each commit to its arrival. */
    public double[] latencies(TopicConsumer consumer) {
        double[] latencies = new double[commits.length];
        for (int i = 0; i < commits.length; i++) {
            latencies[i] = (consumer.arrivedAt(i) - commits[i]) / 1e6;
        }
        return latencies;
    }
}
