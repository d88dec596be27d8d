package io.outbox.torture;

import io.outbox.torture.faults.FaultKind;
import io.outbox.torture.history.Verdict;
import io.outbox.torture.history.Violation;
import io.outbox.torture.history.Volume;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a run came to.
 *
 * @param options what was to be done
 * @param faults how often each kind of fault was injected
 * @param rolledBack transactions that writers rolled back on purpose
 * @param committedLate transactions that writers held open and committed
 * @param relayRestarts relays started after the first ones
 * @param mixture which versions of the library took part, if two
 * @param verdict the comparison of what was committed, arrived and took effect
 * @param longestOutage the longest time without any effect
 * @param recovery from the end of all faults until everything had arrived and taken effect
 * @param problems what else went wrong: a worker that ended by itself, or did not end, or a run that never caught up
 */
public record TortureReport(
        Options options,
        Map<FaultKind, Integer> faults,
        long rolledBack,
        long committedLate,
        int relayRestarts,
        @Nullable Mixture mixture,
        Verdict verdict,
        Outage longestOutage,
        Duration recovery,
        List<String> problems) {

    /** Copies. */
    public TortureReport {
        faults = Map.copyOf(faults);
        problems = List.copyOf(problems);
    }

    /** Returns whether nothing is wrong at all. */
    public boolean isBalanced() {
        return verdict.isBalanced() && problems.isEmpty();
    }

    /** Returns it for people. */
    public String text() {
        StringBuilder text = new StringBuilder();
        line(text, "torture", "%s, seed %d, %s of faults", options.pair(), options.seed(), seconds(options.length()));
        for (FaultKind kind : FaultKind.values()) {
            if (faults.containsKey(kind)) {
                line(text, "  " + kind.label(), "%d", faults.get(kind));
            }
        }
        line(text, "  rolled back", "%d", rolledBack);
        line(text, "  committed late", "%d", committedLate);
        line(text, "relay restarts", "%d", relayRestarts);
        if (mixture != null) {
            line(text, "beside", "%s", mixture.text());
        }
        Volume volume = verdict.volume();
        line(text, "messages", "%d, of which scheduled %d", volume.messages(), volume.scheduled());
        line(text, "dead letters", "%d, of which sent again %d", volume.deadLetters(), volume.sentAgain());
        line(text, "set aside by consumers", "%d", volume.setAside());
        line(text, "on the wire", "%d, of which duplicates %d", volume.arrivals(), volume.duplicates());
        line(text, "longest outage", "%s", longestOutage);
        line(text, "recovery", "%s after the end of the faults", seconds(recovery));
        for (Violation violation : Violation.values()) {
            line(text, violation.label(), "%d", verdict.count(violation));
        }
        verdict.details().forEach(detail -> line(text, "!", "%s", detail));
        problems.forEach(problem -> line(text, "!", "%s", problem));
        line(text, "result", "%s", isBalanced() ? "balanced" : "NOT BALANCED, logs in " + options.logs());
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String format, Object... values) {
        text.append(String.format(Locale.ROOT, "%-24s ", name))
                .append(String.format(Locale.ROOT, format, values))
                .append('\n');
    }

    private static String seconds(Duration time) {
        return String.format(Locale.ROOT, "%.1f s", time.toMillis() / 1_000.0);
    }
}
