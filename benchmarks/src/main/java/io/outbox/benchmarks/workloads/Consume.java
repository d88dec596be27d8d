package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.ArrivalSource;
import io.outbox.benchmarks.harness.Contenders;
import io.outbox.benchmarks.harness.CpuMeter;
import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Party;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.RunResult;
import io.outbox.benchmarks.harness.Stage;
import io.outbox.benchmarks.wire.Arrivals;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Messages wait in the broker, each of them to insert a row: how fast do they take effect, with and without dedup? */
final class Consume implements Workload {
    private static final long MESSAGES = 40_000;

    @Override
    public List<String> contenders(Options options) {
        List<String> names = new ArrayList<>(List.of(Contenders.BATCHES));
        names.addAll(options.against("single,no-dedup,naive"));
        return names;
    }

    @Override
    public Report run(Stage stage, List<String> contenders) {
        Options options = stage.options();
        long messages = options.count("messages", MESSAGES);
        List<Party> parties =
                contenders.stream().map(name -> stage.party(name, 1)).toList();
        parties.forEach(party -> Progress.run("warm-up", once(stage, party, options.count("warmup", messages / 2))));
        Report report = new Report("consume", "messages/s", Contenders.BATCHES);
        for (int run = 1; run <= options.count("runs"); run++) {
            for (Party party : parties) {
                report.add(Progress.run("run " + run, once(stage, party, messages)));
            }
        }
        return report;
    }

    private static RunResult once(Stage stage, Party party, long messages) {
        String topic = stage.newTopic(party);
        party.create();
        party.preload(0, messages, topic);
        stage.settle();
        ArrivalSource source = stage.watchWorker(party, messages);
        Map<String, Double> cpuBefore = stage.cpu(party);
        party.start(topic);
        stage.await(source, messages);
        Map<String, Double> cpuAfter = stage.cpu(party);
        double heap = party.heapMib();
        party.stop();
        Arrivals arrivals = source.finish(messages);
        long rows = stage.servers().number("select count(*) from bench_order");
        if (rows != messages) {
            throw new IllegalStateException(party.name() + " left " + rows + " rows of " + messages + " messages");
        }
        stage.deleteTopic(topic);
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("rate", Report.rounded(arrivals.rate()));
        details.put("cpu_us_per_message", CpuMeter.microsPerMessage(cpuBefore, cpuAfter, messages));
        details.put("heap_mib", heap);
        return new RunResult(party.name(), arrivals.rate(), arrivals, details);
    }
}
