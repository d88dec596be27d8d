package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Contenders;
import io.outbox.benchmarks.harness.Load;
import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Party;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.RunResult;
import io.outbox.benchmarks.harness.Stage;
import io.outbox.benchmarks.harness.TopicConsumer;
import io.outbox.benchmarks.wire.Arrivals;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Writers and the relay at once, on the same cores: how many transactions, and how far behind is the relay? */
final class Steady implements Workload {
    private static final long SECONDS = 10;
    private static final Duration WARMUP = Duration.ofSeconds(5);
    private static final Duration START_UP = Duration.ofSeconds(1);

    private final Workload soak = new Soak();

    @Override
    public List<String> contenders(Options options) {
        if (options.isSoak()) {
            return soak.contenders(options);
        }
        List<String> names = new ArrayList<>(List.of(Contenders.OURS));
        names.addAll(options.against("ceiling,bare-insert,no-outbox"));
        return names;
    }

    @Override
    public Report run(Stage stage, List<String> contenders) {
        if (stage.options().isSoak()) {
            return soak.run(stage, contenders);
        }
        Duration time = stage.options().seconds(SECONDS);
        List<Party> parties = contenders.stream().map(stage::party).toList();
        parties.forEach(party -> Progress.run("warm-up", once(stage, party, WARMUP)));
        Report report = new Report("steady", "tx/s", Contenders.OURS);
        for (int run = 1; run <= stage.options().count("runs"); run++) {
            for (Party party : parties) {
                report.add(Progress.run("run " + run, once(stage, party, time)));
            }
        }
        report.figure("lag_ms", report.median(Contenders.OURS, "lag_ms"));
        return report;
    }

    private static RunResult once(Stage stage, Party party, Duration time) {
        party.create();
        stage.settle();
        return Contenders.relays(party.name())
                ? withRelay(stage, party, time, 0, false)
                : Writing.withoutRelay(stage, party, time);
    }

    /** Writes at a rate, 0 for as fast as possible, while the relay runs; waits until all has arrived. */
    static RunResult withRelay(Stage stage, Party party, Duration time, long perSecond, boolean prompt) {
        String topic = stage.newTopic(party);
        TopicConsumer consumer = stage.watchTimes(topic, Stage.limit(time), prompt);
        party.start(topic);
        Map<String, Double> cpuBefore = stage.cpu(party);
        Load load = stage.load(party, topic, time, perSecond, stage.options().count("writers"));
        long committed = load.written().committed();
        stage.await(consumer, committed);
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("rate", Report.rounded(load.written().rate()));
        details.put("lag_ms", Report.rounded(load.lag(consumer)));
        details.put("cpu_us_per_transaction", stage.microsSince(cpuBefore, party, committed));
        details.put("heap_mib", party.heapMib());
        party.stop();
        Arrivals arrivals = consumer.finish(committed);
        Writing.percentiles(load.latencies(consumer, START_UP), details);
        stage.deleteTopic(topic);
        return new RunResult(party.name(), load.written().rate(), arrivals, details);
    }
}
