package io.outbox.quickstart;

import io.outbox.spi.DedupStore;
import io.outbox.spi.KeptResult;
import java.sql.Connection;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
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
    public void verify(Connection transaction) {
        store.verify(transaction);
    }

    @Override
    public void verifyRecorded(Connection transaction, String consumerGroup, Set<String> recorded) {
        store.verifyRecorded(transaction, consumerGroup, recorded);
    }

    @Override
    public void keepResult(Connection transaction, String consumerGroup, String messageId, KeptResult result) {
        store.keepResult(transaction, consumerGroup, messageId, result);
    }

    @Override
    public Optional<KeptResult> result(Connection transaction, String consumerGroup, String messageId) {
        return store.result(transaction, consumerGroup, messageId);
    }

    @Override
    public int purge(Duration olderThan, int limit) {
        return store.purge(olderThan, limit);
    }
}
