package io.outbox.torture.history;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Counts violations and keeps the first of each kind. Confined to one thread. */
final class Findings {
    private static final int KEPT = 20;

    private final List<String> details = new ArrayList<>();
    private final Map<Violation, Long> counts = new EnumMap<>(Violation.class);

    void add(Violation violation, String what) {
        if (counts.merge(violation, 1L, Long::sum) <= KEPT) {
            details.add(violation.label() + ": " + what);
        }
    }

    Verdict verdict(Volume volume) {
        return new Verdict(volume, counts, details);
    }
}
