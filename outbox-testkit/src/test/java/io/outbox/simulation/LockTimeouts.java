package io.outbox.simulation;

import io.outbox.TransientStoreException;
import io.outbox.spi.DedupStore;
import io.outbox.spi.KeptResult;
import io.outbox.testkit.InMemoryTransaction;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A dedup store that does not wait for another transaction with the same message: in one thread that would never end. It
 * fails instead, as a database does whose lock time-out is over at once.
 */
final class LockTimeouts implements DedupStore<InMemoryTransaction> {
    private final DedupStore<InMemoryTransaction> dedup;
    private final Map<String, InMemoryTransaction> recordedBy = new HashMap<>();

    LockTimeouts(DedupStore<InMemoryTransaction> dedup) {
        this.dedup = dedup;
    }

    @Override
    public Set<String> record(InMemoryTransaction transaction, String group, Collection<String> ids) {
        for (String id : ids) {
            InMemoryTransaction other = recordedBy.get(group + "/" + id);
            if (other != null && other != transaction && other.isOpen()) {
                throw new TransientStoreException("lock wait time-out for " + id);
            }
        }
        ids.forEach(id -> recordedBy.put(group + "/" + id, transaction));
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
