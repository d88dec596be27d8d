package io.outbox.benchmarks.worker;

import io.outbox.benchmarks.wire.BenchMessage;

/**
 * One way to get messages from a transaction to the broker. Lives in a JVM of its own; made by a constructor with a
 * {@link WorkerContext}. Commands come one at a time; {@link #transact} is called by several threads at once. Methods
 * throw what drivers, clients and peers throw.
 */
public interface Contender {
    /** Makes its tables, empty; those of an earlier run go. */
    void createTables() throws Exception;

    /**
     * Fills its table with messages, by the fastest way there is.
     *
     * @param from the first number
     * @param to the last number, exclusive
     * @param topic where they go
     */
    void preload(long from, long to, String topic) throws Exception;

    /** Starts to publish what is in the table; returns when it works. */
    void startRelay(String topic) throws Exception;

    /** Stops publishing and releases all that {@link #startRelay} made. */
    void stopRelay() throws Exception;

    /** Commits one transaction with a business row and a message. */
    void transact(BenchMessage message, String topic) throws Exception;
}
