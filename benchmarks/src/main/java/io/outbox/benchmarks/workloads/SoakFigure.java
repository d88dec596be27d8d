package io.outbox.benchmarks.workloads;

import io.outbox.benchmarks.harness.Statistics;
import java.util.List;

/**
 * What is looked at in a soak, and how much more of it at the end is not growth. The median of the last fifth of the samples is
 * compared with that of the second fifth; the first is warm-up. What is allowed is a share of the early value or a fixed
 * amount, whichever is more.
 */
enum SoakFigure {
    /** What classes loaded late and caches of clients may add. A leak of 100 bytes a message is 280 MiB in an hour. */
    SERVICE_HEAP("service_heap_mib", 0.10, 4),
    /** The same. */
    CONSUMER_HEAP("consumer_heap_mib", 0.10, 4),
    /** Paths taken for the first time, such as those of failures, load classes; a leak of class loaders is megabytes each. */
    SERVICE_METASPACE("service_metaspace_mib", 0.10, 2),
    /** The same. */
    CONSUMER_METASPACE("consumer_metaspace_mib", 0.10, 2),
    /** Buffers of sockets, one set for each thread that has used one. */
    SERVICE_DIRECT("service_direct_mib", 0.10, 4),
    /** The same. */
    CONSUMER_DIRECT("consumer_direct_mib", 0.10, 4),
    /** A pool of connections has a thread that comes and goes, the JVM another. */
    SERVICE_THREADS("service_threads", 0, 2),
    /** The same. */
    CONSUMER_THREADS("consumer_threads", 0, 2),
    /** Connections to database and broker that come and go. */
    SERVICE_FILES("service_files", 0, 4),
    /** The same. */
    CONSUMER_FILES("consumer_files", 0, 4),
    /** The pool opens connections when several are wanted at once, and closes them when idle. */
    CONNECTIONS("connections", 0, 2),
    /** Space of deleted rows is used again, but not all of it always; a stall of the machine leaves a backlog's size behind. */
    MESSAGE_TABLE("message_table_mib", 0.20, 4),
    /** The same. */
    PARKED_TABLE("parked_table_mib", 0.20, 4),
    /** The same; it has its full length long before the second fifth, see {@code SoakTimes}. */
    DEDUP_TABLE("dedup_table_mib", 0.20, 4),
    /** Leases, heartbeats and the soak's own rows: few, and updated often. */
    OTHER_TABLES("other_tables_mib", 0.20, 4),
    /** What waits is a matter of the moment; what is never deleted adds up. */
    MESSAGE_ROWS("message_rows", 1.0, 500),
    /** One message in a thousand is parked for a second, with what is behind it. */
    PARKED_ROWS("parked_rows", 1.0, 100),
    /** The rate times the time they are kept, more or less the time between two purges. */
    DEDUP_ROWS("dedup_rows", 0.20, 1_000),
    /** It falls behind when it gets slower with time; half a second of it is the machine. */
    LAG("lag_ms", 1.0, 500),
    /** Committed and not handled yet, failures and what waits behind them included. */
    BEHIND("behind", 1.0, 2_000);

    private static final int PARTS = 5;

    private final String text;
    private final double share;
    private final double amount;

    SoakFigure(String text, double share, double amount) {
        this.text = text;
        this.share = share;
        this.amount = amount;
    }

    /** Returns the name for people and the report. */
    String text() {
        return text;
    }

    /**
     * What was found.
     *
     * @param early the median of the second fifth
     * @param late the median of the last fifth
     * @param greatest the greatest of all
     * @param allowed what the late one may be at most
     */
    record Verdict(SoakFigure figure, double early, double late, double greatest, double allowed) {
        /** Tells whether it has not grown; what was never measured has not been shown not to grow. */
        boolean isFlat() {
            return late <= allowed;
        }
    }

    /** Judges all samples of this figure, in their order. */
    Verdict judge(List<Double> values) {
        int part = values.size() / PARTS;
        double early = Statistics.median(values.subList(part, 2 * part));
        double late = Statistics.median(values.subList(values.size() - part, values.size()));
        double greatest = values.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN);
        return new Verdict(this, early, late, greatest, early + Math.max(early * share, amount));
    }
}
