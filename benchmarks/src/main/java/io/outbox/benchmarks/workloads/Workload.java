package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Options;
import io.outbox.benchmarks.harness.Report;
import io.outbox.benchmarks.harness.Stage;
import java.util.List;

/** Something to measure. */
public interface Workload {
    /** Names who takes part, this library first. */
    List<String> contenders(Options options);

    /** Measures. */
    Report run(Stage stage, List<String> contenders);
}
