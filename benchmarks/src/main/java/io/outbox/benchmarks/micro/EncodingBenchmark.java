package io.outbox.benchmarks.micro;

import static java.util.Objects.requireNonNull;

import io.outbox.spi.HeaderCodec;
import io.outbox.spi.OutboxRecord;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** Headers to their stored form and back, and the shard of a key. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class EncodingBenchmark {
    private final Map<String, String> headers =
            Map.of("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "tenant", "zürich-3");
    private final String json = requireNonNull(HeaderCodec.toJson(headers));
    private final char[] key = "customer-0000".toCharArray();
    private int turn;

    /** Two headers to JSON. */
    @Benchmark
    public @Nullable String headersToJson() {
        return HeaderCodec.toJson(headers);
    }

    /** Two headers from JSON. */
    @Benchmark
    public Map<String, String> headersFromJson() {
        return HeaderCodec.fromJson(json);
    }

    /** The shard of a key that has not been hashed before. */
    @Benchmark
    public int shardOfKey() {
        key[key.length - 1] = (char) ('0' + turn++ % 10);
        return OutboxRecord.shardOf(new String(key), 64);
    }
}
