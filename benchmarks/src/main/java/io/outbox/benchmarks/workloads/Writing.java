package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Load;
import io.outbox.benchmarks.harness.Party;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.RunResult;
import io.outbox.benchmarks.harness.Stage;
import io.outbox.benchmarks.harness.Statistics;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;

/** Writers at work, as many transactions as they can, alone or beside something else. */
final class Writing {
    private static final String NO_TOPIC = "nowhere";

    private Writing() {}

    static RunResult withoutRelay(Stage stage, Party party, Duration time) {
        Map<String, Double> cpuBefore = stage.cpu(party);
        Load load = stage.load(party, NO_TOPIC, time, 0, stage.options().count("writers"));
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("rate", Report.rounded(load.written().rate()));
        details.put(
                "cpu_us_per_transaction",
                stage.microsSince(cpuBefore, party, load.written().committed()));
        return new RunResult(party.name(), load.written().rate(), null, details);
    }

    static void percentiles(double[] milliseconds, Map<String, Object> details) {
        details.put("p50_ms", Report.rounded(Statistics.percentile(milliseconds, 0.50)));
        details.put("p95_ms", Report.rounded(Statistics.percentile(milliseconds, 0.95)));
        details.put("p99_ms", Report.rounded(Statistics.percentile(milliseconds, 0.99)));
    }
}
