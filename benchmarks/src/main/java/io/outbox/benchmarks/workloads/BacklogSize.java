package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Contenders;
import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Party;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.RunResult;
import io.outbox.benchmarks.harness.Stage;
import java.time.Duration;
import java.util.List;

/** Ten million rows wait: what do publishing and reading cost, against a table that is empty or nearly so? */
final class BacklogSize implements Workload {
    private static final long BACKLOG = 10_000_000;
    private static final long READ = 200_000;
    private static final long SECONDS = 10;

    @Override
    public List<String> contenders(Options options) {
        return List.of(Contenders.OURS);
    }

    @Override
    public Report run(Stage stage, List<String> contenders) {
        Options options = stage.options();
        long backlog = options.count("messages", BACKLOG);
        long read = Math.min(READ, backlog / 10);
        Duration time = options.seconds(SECONDS);
        Party party = stage.party(Contenders.OURS);
        Progress.run("warm-up", DrainRun.run(stage, party, read));
        Report report = new Report("backlog", "messages/s", Contenders.OURS);
        for (int run = 1; run <= options.count("runs"); run++) {
            String topic = stage.newTopic(party);
            party.create();
            stage.settle();
            RunResult emptyWrite = Writing.withoutRelay(stage, party, time);
            RunResult smallRead = DrainRun.run(stage, party, read);
            party.create();
            party.preload(0, backlog, topic);
            stage.settle();
            RunResult fullRead = DrainRun.drain(stage, party, topic, read);
            stage.settle();
            RunResult fullWrite = Writing.withoutRelay(stage, party, time);
            stage.deleteTopic(topic);
            report.add(Progress.run(
                    "run " + run,
                    fullRead.with("publish_over_empty", fullWrite.value() / emptyWrite.value())
                            .with("read_over_empty", fullRead.value() / smallRead.value())));
        }
        report.ratio("publish.empty", report.median(Contenders.OURS, "publish_over_empty"));
        report.ratio("read.empty", report.median(Contenders.OURS, "read_over_empty"));
        return report;
    }
}
