package io.outbox.benchmarks.harness;

import io.outbox.benchmarks.wire.Arrivals;

/** Knows what has arrived: a consumer of a topic, or a worker that stands for the broker as well. */
public interface ArrivalSource {
    /** Returns how many distinct messages have arrived so far. */
    long distinct();

    /** Ends it and returns what arrived, of so many that were sent. */
    Arrivals finish(long sent);
}
