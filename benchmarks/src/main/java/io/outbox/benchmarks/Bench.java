package io.outbox.benchmarks;

import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.Stage;
import io.outbox.benchmarks.micro.MicroBenchmarks;
import io.outbox.benchmarks.workloads.Workload;
import io.outbox.benchmarks.workloads.Workloads;
import java.util.List;

/** The bench command; see {@code scripts/bench}. */
public final class Bench {
    private Bench() {}

    /** Measures and prints; ends the process with 1 when something was lost or out of order, 2 for a wrong command line. */
    public static void main(String[] arguments) {
        int status;
        try {
            status = run(Options.parse(List.of(arguments)));
        } catch (IllegalArgumentException e) {
            System.err.println("bench: " + e.getMessage());
            status = 2;
        }
        System.exit(status);
    }

    private static int run(Options options) {
        if (options.workload().equals("jmh")) {
            MicroBenchmarks.run("Benchmark", options.count("runs"), System.out);
            return 0;
        }
        Workload workload = Workloads.named(options.workload());
        List<String> contenders = workload.contenders(options);
        try (Stage stage = Stage.open(options, contenders)) {
            Report report = workload.run(stage, contenders);
            report.print(System.out, options.all(), stage.versions());
            report.problems().forEach(problem -> System.err.println("bench: " + problem));
            return report.problems().isEmpty() ? 0 : 1;
        }
    }
}
