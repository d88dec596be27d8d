package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Contenders;
import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Party;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.RunResult;
import io.outbox.benchmarks.harness.Stage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A fixed rate that strains nobody: how long from commit to consumer? Ratios are of the 99th percentiles; low is good. */
final class Latency implements Workload {
    private static final long SECONDS = 15;
    private static final Duration WARMUP = Duration.ofSeconds(10);

    @Override
    public List<String> contenders(Options options) {
        List<String> names = new ArrayList<>(List.of(Contenders.OURS, Contenders.APART));
        names.addAll(options.against("ceiling"));
        return names;
    }

    @Override
    public Report run(Stage stage, List<String> contenders) {
        List<Party> parties = contenders.stream().map(stage::party).toList();
        Duration time = stage.options().seconds(SECONDS);
        parties.forEach(party -> Progress.run("warm-up", once(stage, party, WARMUP)));
        Report report = new Report("latency", "p99 ms", Contenders.OURS);
        for (int run = 1; run <= stage.options().count("runs"); run++) {
            for (Party party : parties) {
                report.add(Progress.run("run " + run, once(stage, party, time)));
            }
        }
        for (String name : contenders) {
            report.ratio(name + ".p50", report.median(Contenders.OURS, "p50_ms") / report.median(name, "p50_ms"));
        }
        return report;
    }

    private static RunResult once(Stage stage, Party party, Duration time) {
        party.create();
        RunResult result = Steady.withRelay(stage, party, time, stage.options().count("rate"), true);
        return new RunResult(result.contender(), result.figure("p99_ms"), result.arrivals(), result.details());
    }
}
