package io.outbox.kafka;

import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Latency from publish to acknowledgement, and CPU time of client and broker, at fixed rates. Not a test: run its main
 * method.
 */
final class PublisherLatency {
    private static final int SECONDS = 5;

    private PublisherLatency() {}

    public static void main(String[] arguments) {
        KafkaServer kafka = TestServers.kafka();
        kafka.createTopic("latency", 6);
        for (int rate : new int[] {200, 4_000, 20_000}) {
            for (int inFlight : new int[] {5, 5, 2, 1}) {
                for (int linger : new int[] {0, 1}) {
                    run(kafka, rate, linger, inFlight);
                }
            }
        }
    }

    private static void run(KafkaServer kafka, int rate, int linger, int inFlight) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", kafka.bootstrapServers());
        settings.put("linger.ms", linger);
        settings.put("max.in.flight.requests.per.connection", inFlight);
        int messages = rate * SECONDS;
        long[] latencies = new long[messages];
        AtomicInteger done = new AtomicInteger();
        try (KafkaPublisher publisher = KafkaPublisher.builder(settings).build()) {
            for (int i = 0; i < 200; i++) {
                publisher.publish(Samples.message("latency", "k" + i, "w" + i), outcome -> done.incrementAndGet());
            }
            while (done.get() < 200) {
                LockSupport.parkNanos(1_000_000);
            }
            done.set(0);
            long cpu = cpu();
            long began = System.nanoTime();
            for (int i = 0; i < messages; i++) {
                long due = began + i * 1_000_000_000L / rate;
                while (due - System.nanoTime() > 0) {
                    LockSupport.parkNanos(due - System.nanoTime());
                }
                int number = i;
                long sent = System.nanoTime();
                publisher.publish(Samples.message("latency", "key-" + i % 1_000, "id-" + i, new byte[512]), outcome -> {
                    latencies[number] = System.nanoTime() - sent;
                    done.incrementAndGet();
                });
            }
            while (done.get() < messages) {
                LockSupport.parkNanos(1_000_000);
            }
            Arrays.sort(latencies);
            System.out.printf(
                    "%6d/s linger %d, %d in flight: p50 %.2f ms  p99 %.2f ms  cpu %.2f cores%n",
                    rate,
                    linger,
                    inFlight,
                    latencies[messages / 2] / 1e6,
                    latencies[messages * 99 / 100] / 1e6,
                    (cpu() - cpu) / 1e9 / SECONDS);
        }
    }

    /** CPU time of this process and its descendants. */
    private static long cpu() {
        return ProcessHandle.current().info().totalCpuDuration().orElseThrow().toNanos()
                + ProcessHandle.current()
                        .descendants()
                        .mapToLong(process -> process.info()
                                .totalCpuDuration()
                                .map(java.time.Duration::toNanos)
                                .orElse(0L))
                        .sum();
    }
}
