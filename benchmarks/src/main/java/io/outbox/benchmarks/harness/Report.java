package io.outbox.benchmarks.harness;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Gathers runs, prints the table and the line of JSON, and says whether all was well. Confined to one thread. */
public final class Report {
    private static final List<String> TIMES = List.of("p50_ms", "p95_ms", "p99_ms");

    private final String workload;
    private final String unit;
    private final String ours;
    private final Map<String, List<RunResult>> runs = new LinkedHashMap<>();
    private final Map<String, Object> ratios = new LinkedHashMap<>();
    private final Map<String, Object> extra = new LinkedHashMap<>();
    private final List<String> lines = new ArrayList<>();
    private final List<String> further = new ArrayList<>();

    /**
     * Starts a report.
     *
     * @param unit of each run's value, for people
     * @param ours the contender whose figures the report is about
     */
    public Report(String workload, String unit, String ours) {
        this.workload = workload;
        this.unit = unit;
        this.ours = ours;
    }

    /** Adds a measured run. */
    public void add(RunResult run) {
        runs.computeIfAbsent(run.contender(), name -> new ArrayList<>()).add(run);
    }

    /** Adds a ratio that does not follow from the values of two contenders. */
    public void ratio(String name, double ratio) {
        ratios.put(name, rounded(ratio));
    }

    /** Adds a figure of the whole. */
    public void figure(String name, Object value) {
        extra.put(name, value instanceof Double number ? rounded(number) : value);
    }

    /** Adds a line below the table, for people. */
    public void line(String text) {
        lines.add(text);
    }

    /** Adds what makes this benchmark fail besides losses and disorder. */
    public void problem(String text) {
        further.add(text);
    }

    /** Returns the median of a figure over the runs of a contender. */
    public double median(String contender, String figure) {
        return Statistics.median(of(contender).stream()
                .map(run -> run.figure(figure))
                .filter(value -> !value.isNaN())
                .toList());
    }

    /** Returns the median value over the runs of a contender. */
    public double median(String contender) {
        return Statistics.median(of(contender).stream().map(RunResult::value).toList());
    }

    private List<RunResult> of(String contender) {
        return runs.getOrDefault(contender, List.of());
    }

    /** Returns the median, over the runs, of our value divided by another's of the same run. */
    private double ratio(String other) {
        List<Double> each = new ArrayList<>();
        for (int i = 0; i < Math.min(of(ours).size(), of(other).size()); i++) {
            each.add(of(ours).get(i).value() / of(other).get(i).value());
        }
        return Statistics.median(each);
    }

    /** Prints everything. */
    public void print(PrintStream out, Map<String, String> settings, Map<String, String> versions) {
        out.printf(
                Locale.ROOT,
                "%n%-28s %12s %12s %12s %8s %8s %8s %8s%n",
                workload,
                unit,
                "lowest",
                "highest",
                "ours/",
                "lost",
                "twice",
                "disorder");
        runs.forEach((name, all) -> out.printf(
                Locale.ROOT,
                "%-28s %12.1f %12.1f %12.1f %8s %8d %8d %8d%n",
                name,
                median(name),
                all.stream().mapToDouble(RunResult::value).min().orElse(0),
                all.stream().mapToDouble(RunResult::value).max().orElse(0),
                name.equals(ours) ? "" : String.format(Locale.ROOT, "%.2f", ratio(name)),
                all.stream().mapToLong(RunResult::lost).sum(),
                all.stream().mapToLong(RunResult::duplicates).sum(),
                all.stream().mapToLong(RunResult::orderViolations).sum()));
        out.println();
        if (!lines.isEmpty()) {
            lines.forEach(out::println);
            out.println();
        }
        try {
            out.println(new ObjectMapper().writeValueAsString(json(settings, versions)));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("the report cannot be written as JSON", e);
        }
        out.flush();
    }

    private Map<String, Object> json(Map<String, String> settings, Map<String, String> versions) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("workload", workload);
        json.put("rate", number(median(ours, "rate")));
        Map<String, Object> allRatios = new LinkedHashMap<>();
        runs.keySet().stream()
                .filter(name -> !name.equals(ours))
                .forEach(name -> allRatios.put(name, number(ratio(name))));
        allRatios.putAll(ratios);
        json.put("ratio", allRatios);
        TIMES.forEach(name -> json.put(name, number(median(ours, name))));
        json.put("lost", of(ours).stream().mapToLong(RunResult::lost).sum());
        json.put(
                "duplicates", of(ours).stream().mapToLong(RunResult::duplicates).sum());
        json.put(
                "order_violations",
                of(ours).stream().mapToLong(RunResult::orderViolations).sum());
        json.put("heap_mib", number(median(ours, "heap_mib")));
        json.putAll(extra);
        json.put("ok", problems().isEmpty());
        json.put(
                "runs",
                runs.values().stream().flatMap(List::stream).map(Report::json).toList());
        json.put("settings", new TreeMap<>(settings));
        json.put("versions", new TreeMap<>(versions));
        return json;
    }

    private static Map<String, Object> json(RunResult run) {
        Map<String, Object> json = new LinkedHashMap<>();
        json.put("contender", run.contender());
        json.putAll(run.details());
        if (run.arrivals() != null) {
            json.put("lost", run.lost());
            json.put("duplicates", run.duplicates());
            json.put("order_violations", run.orderViolations());
        }
        return json;
    }

    /** Says what makes this benchmark fail: anything lost, or out of order where order is promised, or told. */
    public List<String> problems() {
        List<String> problems = new ArrayList<>(further);
        runs.forEach((name, all) -> {
            long lost = all.stream().mapToLong(RunResult::lost).sum();
            long disorder = all.stream().mapToLong(RunResult::orderViolations).sum();
            if (lost > 0) {
                problems.add(name + " lost " + lost + " messages");
            }
            if (disorder > 0 && Contenders.keepsOrder(name)) {
                problems.add(name + " delivered " + disorder + " messages out of order");
            }
        });
        return problems;
    }

    private static @Nullable Object number(double value) {
        return Double.isNaN(value) || Double.isInfinite(value) ? null : rounded(value);
    }

    /** Rounds to four significant digits or more. */
    public static double rounded(double value) {
        if (Double.isNaN(value) || Double.isInfinite(value)) {
            return 0;
        }
        double unit = Math.abs(value) >= 1000 ? 1 : Math.abs(value) >= 10 ? 10 : 1000;
        return Math.round(value * unit) / unit;
    }
}
