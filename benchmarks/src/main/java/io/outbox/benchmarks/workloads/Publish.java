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

/** Transactions of a business row and a message, and no relay: what does the message cost the caller? */
final class Publish implements Workload {
    private static final long SECONDS = 10;
    private static final Duration WARMUP = Duration.ofSeconds(5);

    @Override
    public List<String> contenders(Options options) {
        List<String> names = new ArrayList<>(List.of(Contenders.OURS));
        names.addAll(options.against("bare-insert,no-outbox"));
        return names;
    }

    @Override
    public Report run(Stage stage, List<String> contenders) {
        List<Party> parties = contenders.stream().map(stage::party).toList();
        Duration time = stage.options().seconds(SECONDS);
        parties.forEach(party -> Progress.run("warm-up", once(stage, party, WARMUP)));
        Report report = new Report("publish", "tx/s", Contenders.OURS);
        for (int run = 1; run <= stage.options().count("runs"); run++) {
            for (Party party : parties) {
                report.add(Progress.run("run " + run, once(stage, party, time)));
            }
        }
        return report;
    }

    private static RunResult once(Stage stage, Party party, Duration time) {
        party.create();
        stage.settle();
        return Writing.withoutRelay(stage, party, time);
    }
}
