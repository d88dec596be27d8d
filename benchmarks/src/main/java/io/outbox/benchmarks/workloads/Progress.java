package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.RunResult;
import java.util.Locale;

/** Tells people on standard error how far it has come. */
final class Progress {
    private Progress() {}

    static void say(String text) {
        System.err.println("bench: " + text);
    }

    static RunResult run(String what, RunResult result) {
        say(String.format(
                Locale.ROOT,
                "%s: %s %.1f %s%s",
                what,
                result.contender(),
                result.value(),
                result.details(),
                result.arrivals() == null
                        ? ""
                        : " lost=" + result.lost() + " duplicates=" + result.duplicates() + " disorder="
                                + result.orderViolations()));
        return result;
    }
}
