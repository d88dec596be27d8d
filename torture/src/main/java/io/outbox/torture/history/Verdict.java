package io.outbox.torture.history;

import java.util.List;

/**
 * What a history came to.
 *
 * @param messages that were committed
 * @param arrivals at the broker, duplicates included
 * @param duplicates of them that were not the first
 * @param lost messages that were committed and never arrived, and those that never took effect
 * @param invented messages that arrived or took effect and were never committed
 * @param twice effects that were not the first of their message
 * @param disordered first arrivals and first effects after those of a later message of the key
 * @param details the first of each kind of violation
 */
public record Verdict(
        long messages,
        long arrivals,
        long duplicates,
        long lost,
        long invented,
        long twice,
        long disordered,
        List<String> details) {

    /** Copies the details. */
    public Verdict {
        details = List.copyOf(details);
    }

    /** Returns whether there is no violation, and anything to judge at all. */
    public boolean isBalanced() {
        return messages > 0 && lost == 0 && invented == 0 && twice == 0 && disordered == 0;
    }
}
