package io.outbox.relay;

import static java.util.Objects.requireNonNull;

import io.outbox.spi.OutboxRecord;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.StoredMessage;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;

/** What a message costs in the in-flight window, from the reader to the deleter, without a broker. */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class WindowBenchmark {
    private static final int BATCH = 1000;

    private final List<InFlightMessage> handedOver = new ArrayList<>(BATCH);
    private final Window pipelined = new Window(settings(), true, new Handover());
    private final Window oneByOne = new Window(settings(), false, new Handover());
    private final OutboxRecord[] records = new OutboxRecord[BATCH];
    private long id;

    /** Makes the messages. */
    public WindowBenchmark() {
        for (int i = 0; i < BATCH; i++) {
            records[i] = new OutboxRecord(
                    "id-" + i, "default", "orders", "key-" + i, "t", "text/plain", Map.of(), new byte[512], null);
        }
    }

    /** With a publisher that keeps order: admit, acknowledge, take, delete. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int pipelined() {
        return pass(pipelined);
    }

    /** With a publisher that does not: one message a key at a time. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public int oneByOne() {
        return pass(oneByOne);
    }

    private int pass(Window window) {
        handedOver.clear();
        window.beginRead();
        for (OutboxRecord record : records) {
            window.admit(new StoredMessage(++id, 3, Instant.EPOCH, 1, 512, record), false);
        }
        for (InFlightMessage message : handedOver) {
            message.complete(PublishOutcome.published());
        }
        List<InFlightMessage> acknowledged = window.takeAcknowledged(BATCH);
        window.deleted(acknowledged);
        return acknowledged.size();
    }

    private static RelaySettings settings() {
        Duration second = Duration.ofSeconds(1);
        return new RelaySettings(
                BATCH,
                5 * BATCH,
                16 * 1024 * 1024,
                second,
                second,
                second,
                second,
                second,
                second,
                second,
                second,
                Duration.ZERO,
                RetryPolicy.defaults(),
                new NoListener(),
                System::nanoTime,
                new SecureRandom());
    }

    /** Keeps what was handed over. */
    private final class Handover implements Window.Events {
        @Override
        public void publish(InFlightMessage next) {
            handedOver.add(requireNonNull(next));
        }

        @Override
        public void acknowledged(int waitingForDeletion) {}

        @Override
        public void unavailable(Throwable cause) {}

        @Override
        public void availableAgain() {}

        @Override
        public void parkingWaits() {}
    }
}
