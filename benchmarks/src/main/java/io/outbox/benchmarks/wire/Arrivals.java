package io.outbox.benchmarks.wire;

import static java.util.Objects.requireNonNull;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What arrived in one run.
 *
 * @param expected how many messages were sent
 * @param distinct how many of them arrived
 * @param duplicates deliveries of a message that had arrived before
 * @param orderViolations first deliveries after a later message of the same key
 * @param marks when the first message, and each further hundredth of them, arrived; 0 for what did not
 */
public record Arrivals(long expected, long distinct, long duplicates, long orderViolations, long[] marks) {
    private static final double NANOS = 1e9;

    /** Returns how many messages never arrived. */
    public long lost() {
        return Math.max(0, expected - distinct);
    }

    /** Returns messages a second between the first and the last arrival. */
    public double rate() {
        return rate(0, marks.length - 1);
    }

    /** Returns messages a second between two hundredths of the run. */
    public double rate(int fromPart, int toPart) {
        double share = (toPart - fromPart) / (double) (marks.length - 1);
        long nanos = marks[toPart] - marks[fromPart];
        return marks[toPart] == 0 || nanos <= 0 ? 0 : expected * share * NANOS / nanos;
    }

    /** Returns when the first message arrived. */
    public long firstNanos() {
        return marks[0];
    }

    /** Returns when the last message arrived; 0 when not all did. */
    public long lastNanos() {
        return marks[marks.length - 1];
    }

    /** Writes it for another process. */
    public Map<String, String> toMap() {
        Map<String, String> map = new LinkedHashMap<>();
        map.put("expected", Long.toString(expected));
        map.put("distinct", Long.toString(distinct));
        map.put("duplicates", Long.toString(duplicates));
        map.put("orderViolations", Long.toString(orderViolations));
        map.put("marks", Arrays.stream(marks).mapToObj(Long::toString).collect(Collectors.joining(",")));
        return map;
    }

    /** Reads what {@link #toMap} wrote. */
    public static Arrivals fromMap(Map<String, String> map) {
        return new Arrivals(
                number(map, "expected"),
                number(map, "distinct"),
                number(map, "duplicates"),
                number(map, "orderViolations"),
                Arrays.stream(text(map, "marks").split(","))
                        .mapToLong(Long::parseLong)
                        .toArray());
    }

    private static long number(Map<String, String> map, String name) {
        return Long.parseLong(text(map, name));
    }

    private static String text(Map<String, String> map, String name) {
        return requireNonNull(map.get(name), name);
    }
}
