package io.outbox.benchmarks.harness;

import io.outbox.benchmarks.wire.Arrivals;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * One measured run of one contender.
 *
 * @param contender who
 * @param value what the ratio is made of: a rate, or a time
 * @param arrivals what arrived; null where nothing was to
 * @param details further figures, for the report
 */
public record RunResult(
        String contender, double value, @Nullable Arrivals arrivals, Map<String, Object> details) {

    /** Returns this with one more figure. */
    public RunResult with(String name, Object figure) {
        Map<String, Object> more = new LinkedHashMap<>(details);
        more.put(name, figure);
        return new RunResult(contender, value, arrivals, more);
    }

    /** Returns a figure; not a number when it is not there. */
    public double figure(String name) {
        return details.get(name) instanceof Number number ? number.doubleValue() : Double.NaN;
    }

    /** Returns how many were lost. */
    public long lost() {
        return arrivals == null ? 0 : arrivals.lost();
    }

    /** Returns how many arrived more than once. */
    public long duplicates() {
        return arrivals == null ? 0 : arrivals.duplicates();
    }

    /** Returns how many overtook an earlier one of their key. */
    public long orderViolations() {
        return arrivals == null ? 0 : arrivals.orderViolations();
    }
}
