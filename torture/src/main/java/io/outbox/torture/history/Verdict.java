package io.outbox.torture.history;

import java.util.List;
import java.util.Map;

/**
 * What a history came to.
 *
 * @param volume what it is about
 * @param violations how many of each; those that did not happen are left out
 * @param details the first of each kind of violation
 */
public record Verdict(Volume volume, Map<Violation, Long> violations, List<String> details) {

    /** Copies. */
    public Verdict {
        violations = Map.copyOf(violations);
        details = List.copyOf(details);
    }

    /** Returns how often it was violated. */
    public long count(Violation violation) {
        return violations.getOrDefault(violation, 0L);
    }

    /** Returns whether there is no violation, and anything to judge at all. */
    public boolean isBalanced() {
        return volume.messages() > 0 && violations.isEmpty();
    }
}
