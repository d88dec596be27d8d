package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Contenders;
import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Party;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.Stage;
import java.util.ArrayList;
import java.util.List;

/** A backlog goes to the broker: how fast? */
final class Drain implements Workload {
    private static final long MESSAGES = 200_000;
    private static final long MAX_WARMUP = 200_000;

    @Override
    public List<String> contenders(Options options) {
        List<String> names = new ArrayList<>(List.of(Contenders.OURS));
        names.addAll(options.against("ceiling"));
        return names;
    }

    @Override
    public Report run(Stage stage, List<String> contenders) {
        Options options = stage.options();
        long messages = options.count("messages", MESSAGES);
        List<Party> parties = contenders.stream()
                .map(name -> stage.party(name, name.equals(Contenders.OURS) ? options.count("relays") : 1))
                .toList();
        long warmup = options.count("warmup", Math.min(messages, MAX_WARMUP));
        Progress.say("warm-up with " + warmup + " messages each");
        if (warmup > 0) {
            parties.forEach(party -> Progress.run("warm-up", DrainRun.run(stage, party, warmup)));
        }
        Report report = new Report("drain", "messages/s", Contenders.OURS);
        for (int run = 1; run <= options.count("runs"); run++) {
            for (Party party : parties) {
                report.add(Progress.run("run " + run, DrainRun.run(stage, party, messages)));
            }
        }
        return report;
    }
}
