package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.ArrivalSource;
import io.outbox.benchmarks.harness.CpuMeter;
import io.outbox.benchmarks.harness.Party;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.RunResult;
import io.outbox.benchmarks.harness.Stage;
import io.outbox.benchmarks.wire.Arrivals;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One drain: messages are preloaded, the relay starts, and the clock runs from the first arrival to the last. What comes
 * before the first, the start of relay and producer, is reported apart.
 */
final class DrainRun {
    private DrainRun() {}

    static RunResult run(Stage stage, Party party, long messages) {
        String topic = stage.newTopic(party);
        party.create();
        party.preload(0, messages, topic);
        stage.settle();
        RunResult result = drain(stage, party, topic, messages);
        stage.deleteTopic(topic);
        return result;
    }

    /** Drains until so many of the preloaded messages have arrived. */
    static RunResult drain(Stage stage, Party party, String topic, long messages) {
        ArrivalSource source = stage.watch(party, topic, messages);
        Map<String, Double> cpuBefore = stage.cpu(party);
        long start = party.start(topic);
        stage.await(source, messages);
        Map<String, Double> cpuAfter = stage.cpu(party);
        double heap = party.heapMib();
        party.stop();
        Arrivals arrivals = source.finish(messages);
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("rate", Report.rounded(arrivals.rate()));
        details.put("startup_ms", Report.rounded((arrivals.firstNanos() - start) / 1e6));
        details.put("rate_from_start", Report.rounded(messages * 1e9 / (arrivals.lastNanos() - start)));
        details.put("cpu_us_per_message", CpuMeter.microsPerMessage(cpuBefore, cpuAfter, messages));
        details.put("heap_mib", heap);
        return new RunResult(party.name(), arrivals.rate(), arrivals, details);
    }
}
