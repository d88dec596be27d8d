package io.outbox.benchmarks.micro;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Runs the JMH benchmarks and prints them like the others. */
public final class MicroBenchmarks {
    private MicroBenchmarks() {}

    /** Runs all whose name matches, in a JVM of their own each. */
    public static void run(String namePattern, int iterations, PrintStream out) {
        Collection<RunResult> results;
        try {
            results = new Runner(new OptionsBuilder()
                            .include(namePattern)
                            .verbosity(VerboseMode.SILENT)
                            .forks(1)
                            .warmupIterations(iterations)
                            .warmupTime(TimeValue.seconds(1))
                            .measurementIterations(iterations)
                            .measurementTime(TimeValue.seconds(1))
                            .build())
                    .run();
        } catch (RunnerException e) {
            throw new IllegalStateException("JMH failed", e);
        }
        print(results, out);
    }

    private static void print(Collection<RunResult> results, PrintStream out) {
        out.printf("%n%-40s %12s %10s%n", "jmh", "ns", "+/-");
        List<Map<String, Object>> runs = new ArrayList<>();
        for (RunResult result : results) {
            Result<?> primary = result.getPrimaryResult();
            String name = result.getParams().getBenchmark();
            String shortName = name.substring(name.lastIndexOf('.', name.lastIndexOf('.') - 1) + 1);
            out.printf(Locale.ROOT, "%-40s %12.1f %10.1f%n", shortName, primary.getScore(), primary.getScoreError());
            Map<String, Object> run = new LinkedHashMap<>();
            run.put("benchmark", shortName);
            run.put("nanoseconds", Math.round(primary.getScore() * 10) / 10.0);
            runs.add(run);
        }
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("workload", "jmh");
        json.put("runs", runs);
        json.put("versions", Map.of("java", Runtime.version().toString()));
        try {
            out.printf("%n%s%n", new ObjectMapper().writeValueAsString(json));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the report cannot be written as JSON", e);
        }
    }
}
