package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Contenders;
import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Party;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.RunResult;
import io.outbox.benchmarks.harness.Stage;
import io.outbox.benchmarks.worker.WireLine;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Nothing to do: how many statements a second does a relay run, and how much processor does it take? */
final class Idle implements Workload {
    private static final long SECONDS = 30;
    private static final long SETTLE_NANOS = 10_000_000_000L;

    @Override
    public List<String> contenders(Options options) {
        return List.of(Contenders.OURS);
    }

    @Override
    public Report run(Stage stage, List<String> contenders) {
        Report report = new Report("idle", "statements/s", Contenders.OURS);
        Party party = stage.party(Contenders.OURS);
        party.create();
        String topic = stage.newTopic(party);
        party.start(topic);
        pause(SETTLE_NANOS);
        for (int run = 1; run <= stage.options().count("runs"); run++) {
            report.add(Progress.run(
                    "run " + run, once(party, stage.options().seconds(SECONDS).toNanos())));
        }
        party.stop();
        report.figure("statements_per_second", report.median(Contenders.OURS));
        report.figure("cpu_percent", report.median(Contenders.OURS, "cpu_percent"));
        return report;
    }

    private static RunResult once(Party party, long nanos) {
        WireLine before = party.usage();
        pause(nanos);
        WireLine after = party.usage();
        double seconds = (after.number("nowNanos") - before.number("nowNanos")) / 1e9;
        Map<String, Object> details = new LinkedHashMap<>();
        details.put(
                "cpu_percent", Report.rounded((after.number("cpuNanos") - before.number("cpuNanos")) / 1e7 / seconds));
        return new RunResult(
                party.name(), (after.number("statements") - before.number("statements")) / seconds, null, details);
    }

    private static void pause(long nanos) {
        long until = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = until - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
