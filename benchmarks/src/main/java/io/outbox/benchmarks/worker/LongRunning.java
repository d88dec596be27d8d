package io.outbox.benchmarks.worker;

import java.util.Map;

/** A contender that works by itself once it was started, and can be looked at meanwhile. */
public interface LongRunning extends Contender {
    /**
     * Returns how it is doing, as numbers by name. Cheap, for it is asked every few seconds.
     *
     * @throws Exception when a part of it has failed; that ends the run
     */
    Map<String, Long> figures() throws Exception;
}
