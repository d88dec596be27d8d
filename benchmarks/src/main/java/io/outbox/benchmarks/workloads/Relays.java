package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Contenders;
import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Party;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.Stage;
import java.util.List;

/** Several relays share one backlog: do they lose anything against one? */
final class Relays implements Workload {
    private static final long MESSAGES = 400_000;

    @Override
    public List<String> contenders(Options options) {
        return List.of(Contenders.OURS, Contenders.ONE_RELAY);
    }

    @Override
    public Report run(Stage stage, List<String> contenders) {
        Options options = stage.options();
        long messages = options.count("messages", MESSAGES);
        List<Party> parties = List.of(
                stage.party(Contenders.OURS, Math.max(2, options.count("relays"))),
                stage.party(Contenders.ONE_RELAY, 1));
        parties.forEach(party -> Progress.run("warm-up", DrainRun.run(stage, party, 2 * messages)));
        Report report = new Report("relays", "messages/s", Contenders.OURS);
        for (int run = 1; run <= options.count("runs"); run++) {
            for (Party party : parties) {
                report.add(Progress.run("run " + run, DrainRun.run(stage, party, messages)));
            }
        }
        return report;
    }
}
