package io.outbox.simulation;

import io.outbox.TransientStoreException;
import io.outbox.spi.DedupStore;
import io.outbox.testkit.InMemoryTransaction;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/**
 * A dedup store that does not wait for another transaction with the same message: in one thread that would never end. It
 * fails instead, as a database does whose lock time-out is over at once.
 */
final class LockTimeouts extends ForwardingDedupStore {
    private final Map<String, InMemoryTransaction> recordedBy = new HashMap<>();

    LockTimeouts(DedupStore<InMemoryTransaction> dedup) {
        super(dedup);
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
        return super.record(transaction, group, ids);
    }
}
