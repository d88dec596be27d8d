package io.outbox.quickstart;

import io.outbox.spi.DedupStore;
import java.sql.Connection;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Counts deliveries and duplicates on their way to the real store. */
record CountingDedupStore(DedupStore<Connection> store, AtomicLong deliveries, AtomicLong duplicates)
        implements DedupStore<Connection> {
    @Override
    public Set<String> record(Connection transaction, String consumerGroup, Collection<String> messageIds) {
        Set<String> fresh = store.record(transaction, consumerGroup, messageIds);
        deliveries.addAndGet(messageIds.size());
        duplicates.addAndGet(messageIds.size() - fresh.size());
        return fresh;
    }

    @Override
    public int purge(Duration olderThan, int limit) {
        return store.purge(olderThan, limit);
    }
}
