package io.outbox.torture.history;

import java.util.ArrayList;
import java.util.List;

/** Counts violations and keeps the first of each kind. Confined to one thread. */
final class Findings {
    private static final int KEPT = 20;

    private final List<String> details = new ArrayList<>();
    private long lost;
    private long invented;
    private long twice;
    private long disordered;

    void lost(String what) {
        keep(++lost, "lost: " + what);
    }

    void invented(String what) {
        keep(++invented, "invented: " + what);
    }

    void twice(String what) {
        keep(++twice, "twice: " + what);
    }

    void disordered(String what) {
        keep(++disordered, "out of order: " + what);
    }

    private void keep(long count, String what) {
        if (count <= KEPT) {
            details.add(what);
        }
    }

    Verdict verdict(long messages, long arrivals, long repeatedArrivals) {
        return new Verdict(messages, arrivals, repeatedArrivals, lost, invented, twice, disordered, details);
    }
}
