package io.outbox.torture.history;

/** What a history must not have. */
public enum Violation {
    /** Messages that were committed and never arrived, and those that never took effect. */
    LOST("lost"),
    /** Messages that arrived, took effect or became dead letters and were never committed. */
    INVENTED("invented"),
    /** Effects that were not the first of their message. */
    TWICE("effects twice"),
    /** First arrivals and first effects after those of a later message of the key. */
    DISORDERED("out of order"),
    /** Arrivals and effects before the message was due. */
    EARLY("too early"),
    /** Dead letters that are missing, that are there twice, that should be none, or that arrived or took effect all the same. */
    MISJUDGED("wrong dead letters");

    private final String label;

    Violation(String label) {
        this.label = label;
    }

    /** Returns its name in a report. */
    public String label() {
        return label;
    }
}
