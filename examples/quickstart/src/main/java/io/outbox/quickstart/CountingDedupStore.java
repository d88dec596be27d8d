package io.outbox.quickstart;

import io.outbox.spi.DedupStore;
import java.sql.Connection;
import java.time.Duration;
import java.util.Collection;
import java.util.Set;

/** Counts deliveries and duplicates on their way to the real store. */
record CountingDedupStore(DedupStore<Connection> store, Counts counts) implements DedupStore<Connection> {
    @Override
    public Set<String> record(Connection transaction, String consumerGroup, Collection<String> messageIds) {
        Set<String> fresh = store.record(transaction, consumerGroup, messageIds);
        counts.delivered.addAndGet(messageIds.size());
        counts.duplicates.addAndGet(messageIds.size() - fresh.size());
        return fresh;
    }

    @Override
    public int purge(Duration olderThan, int limit) {
        return store.purge(olderThan, limit);
    }
}
