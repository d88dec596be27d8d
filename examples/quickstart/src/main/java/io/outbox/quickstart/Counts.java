package io.outbox.quickstart;

import java.util.concurrent.atomic.AtomicLong;

/** What the program itself sees while it runs. The report compares it with the database. Thread-safe. */
final class Counts {
    /** Lines of the file that are not blank. */
    final AtomicLong lines = new AtomicLong();
    /** Orders whose transaction committed. */
    final AtomicLong committed = new AtomicLong();
    /** Transactions that chaos rolled back. */
    final AtomicLong rolledBack = new AtomicLong();
    /** Messages that the broker acknowledged, repeated ones among them. */
    final AtomicLong published = new AtomicLong();
    /** Messages that came to billing, repeated ones among them. */
    final AtomicLong delivered = new AtomicLong();
    /** Those that billing had handled before. */
    final AtomicLong duplicates = new AtomicLong();
    /** Relays that were replaced by another. */
    final AtomicLong relayRestarts = new AtomicLong();

    final MalformedLines malformed = new MalformedLines();

    /** Changes as long as anything goes on. */
    long moves() {
        return lines.get() + committed.get() + published.get() + delivered.get();
    }
}
