package io.outbox.benchmarks.harness;

import io.outbox.benchmarks.worker.WireLine;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A contender with its processes: the first one makes the tables and writes; all of them relay, or all but the first.
 * Confined to one thread.
 */
public final class Party implements AutoCloseable {
    private final String name;
    private final WorkerProcess first;
    private final List<WorkerProcess> relays;

    Party(String name, WorkerProcess first, List<WorkerProcess> relays) {
        this.name = name;
        this.first = first;
        this.relays = List.copyOf(relays);
    }

    /** Returns the contender's name. */
    public String name() {
        return name;
    }

    /** Makes empty tables. */
    public void create() {
        first.call("create");
    }

    /** Fills the outbox. */
    public void preload(long from, long to, String topic) {
        first.call("preload", Map.of("from", Long.toString(from), "to", Long.toString(to), "topic", topic));
    }

    /** Starts the relays; returns when, by this machine's clock. */
    public long start(String topic) {
        long nanos = Long.MAX_VALUE;
        for (WorkerProcess relay : relays) {
            nanos = Math.min(nanos, relay.call("start", Map.of("topic", topic)).number("nanos"));
        }
        return nanos;
    }

    /** Stops the relays. */
    public void stop() {
        relays.forEach(relay -> relay.call("stop"));
    }

    /** What a load came to: so many transactions were committed in so many nanoseconds. */
    public record Written(long committed, long nanos) {
        /** Returns transactions a second. */
        public double rate() {
            return committed * 1e9 / nanos;
        }
    }

    /** Writes for a time, each transaction with a message; the times of the commits go to a file. */
    Written write(String topic, int writers, Duration time, long perSecond, int limit, String file) {
        WireLine answer = first.call(
                "write",
                Map.of(
                        "topic",
                        topic,
                        "writers",
                        Integer.toString(writers),
                        "milliseconds",
                        Long.toString(time.toMillis()),
                        "perSecond",
                        Long.toString(perSecond),
                        "limit",
                        Integer.toString(limit),
                        "file",
                        file));
        return new Written(answer.number("committed"), answer.number("nanos"));
    }

    /** Tells the first process to expect messages, where there is no broker. */
    void expect(long messages) {
        first.call("expect", Map.of("messages", Long.toString(messages)));
    }

    Map<String, String> arrivals(long sent) {
        return first.call("arrivals", Map.of("sent", Long.toString(sent))).values();
    }

    /** Returns the live heap of the first relay in MiB, after a collection. */
    public double heapMib() {
        WireLine usage = relays.get(0).call("usage", Map.of("collect", "true"));
        return Math.round(usage.number("heapBytes") / 1024.0 / 102.4) / 10.0;
    }

    /** Returns processor time and statement count of the first relay. */
    public WireLine usage() {
        return relays.get(0).call("usage");
    }

    /** Returns what the first process holds after a collection, and how its contender is doing, by name. */
    public Map<String, Long> figures() {
        Map<String, Long> figures = new LinkedHashMap<>();
        first.call("figures").values().forEach((name, value) -> figures.put(name, Long.valueOf(value)));
        return figures;
    }

    List<Long> relayPids() {
        return relays.stream().map(WorkerProcess::pid).toList();
    }

    @Override
    public void close() {
        List<WorkerProcess> all = new ArrayList<>(relays);
        if (!all.contains(first)) {
            all.add(first);
        }
        all.forEach(WorkerProcess::close);
    }
}
