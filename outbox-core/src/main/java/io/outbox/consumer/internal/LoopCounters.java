package io.outbox.consumer.internal;

import java.util.concurrent.atomic.LongAdder;

/** What the threads of a loop have done. Thread-safe. */
public final class LoopCounters {
    final LongAdder handled = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder failedAttempts = new LongAdder();
    final LongAdder deadLetters = new LongAdder();

    /** Starts at zero. */
    public LoopCounters() {}

    /**
     * Returns the messages whose handler ran and whose transaction committed.
     *
     * @return the count
     */
    public long handled() {
        return handled.sum();
    }

    /**
     * Returns the messages that had been handled before.
     *
     * @return the count
     */
    public long duplicates() {
        return duplicates.sum();
    }

    /**
     * Returns the attempts that ended in a roll-back.
     *
     * @return the count
     */
    public long failedAttempts() {
        return failedAttempts.sum();
    }

    /**
     * Returns the messages that were set aside.
     *
     * @return the count
     */
    public long deadLetters() {
        return deadLetters.sum();
    }
}
