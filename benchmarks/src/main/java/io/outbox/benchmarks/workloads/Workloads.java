package io.outbox.benchmarks.workloads;

import java.util.Map;
import java.util.TreeMap;

/** All workloads by name. */
public final class Workloads {
    private static final Map<String, Workload> ALL = new TreeMap<>(Map.of(
            "drain", new Drain(),
            "publish", new Publish(),
            "steady", new Steady(),
            "latency", new Latency(),
            "old-transaction", new OldTransaction(),
            "backlog", new BacklogSize(),
            "idle", new Idle(),
            "relays", new Relays(),
            "consume", new Consume(),
            "dedup", new DedupSize()));

    private Workloads() {}

    /**
     * Returns a workload.
     *
     * @throws IllegalArgumentException when there is none of that name
     */
    public static Workload named(String name) {
        Workload workload = ALL.get(name);
        if (workload == null) {
            throw new IllegalArgumentException("unknown workload " + name + ", known are " + ALL.keySet());
        }
        return workload;
    }
}
