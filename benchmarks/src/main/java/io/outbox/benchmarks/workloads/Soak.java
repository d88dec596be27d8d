package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Contenders;
import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Party;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.RunResult;
import io.outbox.benchmarks.harness.Servers;
import io.outbox.benchmarks.harness.SoakTimes;
import io.outbox.benchmarks.harness.Stage;
import io.outbox.benchmarks.wire.Arrivals;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** A steady rate for a long time, with late commits, roll-backs and failures: what grows that should not, and is anything lost? */
final class Soak implements Workload {
    /** Nothing more took effect for so long: it will not any more. Longer than the waits of the relay and the consumer. */
    private static final Duration STALL = Duration.ofSeconds(60);

    private static final long LOOK_NANOS = 200_000_000;
    private static final int SAYS_EVERY = 10;
    /** A rate below this share of what was asked for was not steady. */
    private static final double KEPT = 0.9;

    private static final String WRITTEN = "select sum(latest + 1) from soak_written";
    private static final String TAKEN = "select sum(taken) from soak_taken";
    private static final String LOST =
            "select coalesce(sum(greatest(w.latest + 1 - t.taken, 0)), 0) from soak_written w"
                    + " join soak_taken t on t.message_key = w.message_key";
    private static final String INVENTED = "select coalesce(sum(greatest(t.taken - w.latest - 1, 0)), 0)"
            + " from soak_written w join soak_taken t on t.message_key = w.message_key";

    @Override
    public List<String> contenders(Options options) {
        return List.of(Contenders.SOAK_SERVICE, Contenders.SOAK_CONSUMER);
    }

    @Override
    public Report run(Stage stage, List<String> contenders) {
        Options options = stage.options();
        Party service = stage.party(Contenders.SOAK_SERVICE, 1);
        Party consumer = stage.party(Contenders.SOAK_CONSUMER, 1);
        String topic = stage.newShortTopic();
        service.create();
        consumer.start(topic);
        service.start(topic);
        Report report = new Report("soak", "messages/s", Contenders.SOAK_SERVICE);
        Path file = Options.peers().orElse(Path.of(".")).resolve("soak-" + options.text("database") + ".csv");
        Progress.say("samples go to " + file);
        try (SoakSamples samples = new SoakSamples(file)) {
            watch(stage, service, consumer, samples);
            awaitEffects(stage.servers());
            judge(report, samples.verdicts());
        }
        Map<String, Long> serviceEnd = service.figures();
        Map<String, Long> consumerEnd = consumer.figures();
        service.stop();
        consumer.stop();
        close(report, stage, serviceEnd, consumerEnd);
        return report;
    }

    /** Takes samples until the writers' time is over. */
    private static void watch(Stage stage, Party service, Party consumer, SoakSamples samples) {
        SoakSampler sampler = new SoakSampler(stage.servers(), stage.options().text("database"));
        long every = SoakTimes.sampleEvery(stage.options().soakTime()).toNanos();
        long start = System.nanoTime();
        for (long taken = 1; ; taken++) {
            // no catching up where a sample took long: each collects garbage
            parkUntil(System.nanoTime() + every);
            Map<String, Long> told = service.figures();
            Map<String, Long> heard = consumer.figures();
            if (told.getOrDefault("writing", 0L) == 0) {
                return;
            }
            Map<SoakFigure, Double> sample = sampler.sample(told, heard);
            double seconds = (System.nanoTime() - start) / 1e9;
            samples.add(seconds, heard.getOrDefault("handled", 0L), sample);
            if (taken % SAYS_EVERY == 0) {
                Progress.say(String.format(Locale.ROOT, "%.0f s: %s %s", seconds, told, heard));
            }
        }
    }

    private static void parkUntil(long at) {
        for (long left = at - System.nanoTime(); left > 0; left = at - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }

    /** Waits until all that was committed has taken effect, or nothing more does. */
    private static void awaitEffects(Servers servers) {
        long written = servers.number(WRITTEN);
        long last = -1;
        long since = System.nanoTime();
        while (System.nanoTime() - since < STALL.toNanos()) {
            long taken = servers.number(TAKEN);
            // parked messages are deleted after they have taken effect
            if (taken >= written && servers.number("select count(*) from outbox_parked") == 0) {
                return;
            }
            if (taken != last) {
                last = taken;
                since = System.nanoTime();
            }
            LockSupport.parkNanos(LOOK_NANOS);
        }
    }

    private static void judge(Report report, List<SoakFigure.Verdict> verdicts) {
        Map<String, Object> figures = new LinkedHashMap<>();
        report.line(String.format(
                Locale.ROOT,
                "%-24s %12s %12s %12s %12s %6s",
                "figure",
                "early",
                "late",
                "greatest",
                "allowed",
                "flat"));
        for (SoakFigure.Verdict verdict : verdicts) {
            String name = verdict.figure().text();
            report.line(String.format(
                    Locale.ROOT,
                    "%-24s %12.1f %12.1f %12.1f %12.1f %6s",
                    name,
                    verdict.early(),
                    verdict.late(),
                    verdict.greatest(),
                    verdict.allowed(),
                    verdict.isFlat() ? "yes" : "NO"));
            Map<String, Object> figure = new LinkedHashMap<>();
            figure.put("early", Report.rounded(verdict.early()));
            figure.put("late", Report.rounded(verdict.late()));
            figure.put("greatest", Report.rounded(verdict.greatest()));
            figure.put("allowed", Report.rounded(verdict.allowed()));
            figure.put("flat", verdict.isFlat());
            figures.put(name, figure);
            if (!verdict.isFlat()) {
                report.problem(String.format(
                        Locale.ROOT,
                        "%s is not flat: %.1f early, %.1f late, %.1f allowed",
                        name,
                        verdict.early(),
                        verdict.late(),
                        verdict.allowed()));
            }
        }
        report.figure("figures", figures);
    }

    /** Compares what was committed with what took effect, and looks for what was left behind. */
    private static void close(Report report, Stage stage, Map<String, Long> service, Map<String, Long> consumer) {
        Servers servers = stage.servers();
        long written = servers.number(WRITTEN);
        long lost = servers.number(LOST);
        long twice = servers.number("select sum(repeated) from soak_taken") + servers.number(INVENTED);
        long gaps = servers.number("select sum(gaps) from soak_taken");
        double rate = written * 1e3 / stage.options().soakTime().toMillis();
        if (rate < KEPT * stage.options().soakRate()) {
            report.line(String.format(
                    Locale.ROOT,
                    "The machine kept %.0f of %d transactions/s: figures that follow the rate, such as dedup rows, say little.",
                    rate,
                    stage.options().soakRate()));
        }
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("rate", Report.rounded(rate));
        details.put("service", service);
        details.put("consumer", consumer);
        details.put("left_in_outbox", servers.number("select count(*) from outbox_message"));
        details.put("left_parked", servers.number("select count(*) from outbox_parked"));
        Arrivals arrivals = new Arrivals(written, written - lost, twice, gaps, new long[0]);
        report.add(new RunResult(Contenders.SOAK_SERVICE, rate, arrivals, details));
        report.figure("messages", written);
        none(report, twice, "effects more than there should be");
        none(report, servers.number("select count(*) from outbox_message"), "messages left in the outbox");
        none(report, servers.number("select count(*) from outbox_parked"), "messages left parked");
        none(report, service.getOrDefault("deadLetters", 0L), "dead letters of the relay");
        none(report, consumer.getOrDefault("deadLetters", 0L), "dead letters of the consumer");
        if (written == 0 || service.getOrDefault("committed", 0L) != written) {
            report.problem("the writers committed " + service.get("committed") + " and the database has " + written);
        }
    }

    private static void none(Report report, long count, String what) {
        if (count > 0) {
            report.problem(count + " " + what);
        }
    }
}
