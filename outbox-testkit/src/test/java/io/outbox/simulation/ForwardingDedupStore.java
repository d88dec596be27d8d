package io.outbox.simulation;

import io.outbox.spi.DedupStore;
import io.outbox.spi.KeptResult;
import io.outbox.testkit.InMemoryTransaction;
import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/** Does what another dedup store does. */
abstract class ForwardingDedupStore implements DedupStore<InMemoryTransaction> {
    private final DedupStore<InMemoryTransaction> dedup;

    ForwardingDedupStore(DedupStore<InMemoryTransaction> dedup) {
        this.dedup = dedup;
    }

    @Override
    public Set<String> record(InMemoryTransaction transaction, String group, Collection<String> ids) {
        return dedup.record(transaction, group, ids);
    }

    @Override
    public void verify(InMemoryTransaction transaction) {
        dedup.verify(transaction);
    }

    @Override
    public void verifyRecorded(InMemoryTransaction transaction, String group, Set<String> recorded) {
        dedup.verifyRecorded(transaction, group, recorded);
    }

    @Override
    public void keepResult(InMemoryTransaction transaction, String group, String id, KeptResult result) {
        dedup.keepResult(transaction, group, id, result);
    }

    @Override
    public Optional<KeptResult> result(InMemoryTransaction transaction, String group, String id) {
        return dedup.result(transaction, group, id);
    }

    @Override
    public int purge(Duration olderThan, int limit) {
        return dedup.purge(olderThan, limit);
    }
}
