package io.outbox.testkit;

import static java.util.Objects.requireNonNull;

import io.outbox.TransientStoreException;
import io.outbox.spi.DedupStore;
import io.outbox.spi.KeptResult;
import io.outbox.testkit.Faults.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A dedup store in memory, for tests. It passes {@link DedupStoreContract}; its failures are those of
 * {@link InMemoryTransactions#faults()}. Thread-safe.
 *
 * <p>A thread that records what another open transaction has recorded waits for that transaction. Two that wait for each
 * other are a deadlock: the second gets a {@link TransientStoreException}.
 */
public final class InMemoryDedupStore implements DedupStore<InMemoryTransaction> {
    private final InMemoryTransactions database;
    /** In the order in which they were recorded; guarded by the database's monitor. */
    private final Map<Id, Entry> entries = new LinkedHashMap<>();

    /**
     * Makes an empty store.
     *
     * @param database its transactions, clock and failures
     */
    public InMemoryDedupStore(InMemoryTransactions database) {
        this.database = requireNonNull(database, "database");
    }

    @Override
    public Set<String> record(InMemoryTransaction transaction, String consumerGroup, Collection<String> messageIds) {
        requireNonNull(transaction, "transaction");
        return database.run(Operation.RECORD, () -> {
            transaction.write(database);
            Set<String> fresh = new LinkedHashSet<>();
            for (String messageId : messageIds) {
                if (isNew(transaction, new Id(consumerGroup, messageId))) {
                    fresh.add(messageId);
                }
            }
            return fresh;
        });
    }

    private boolean isNew(InMemoryTransaction transaction, Id id) {
        Entry entry = entries.get(id);
        while (entry != null && entry.writer != null && entry.writer != transaction) {
            awaitEnd(transaction, entry.writer);
            entry = entries.get(id);
        }
        if (entry != null) {
            return false;
        }
        Entry recorded = new Entry(database.now(), transaction);
        entries.put(id, recorded);
        transaction.onCommit(() -> recorded.writer = null);
        transaction.onRollback(() -> entries.remove(id));
        return true;
    }

    private void awaitEnd(InMemoryTransaction waiting, InMemoryTransaction writer) {
        for (InMemoryTransaction t = writer; t != null; t = t.waitsFor) {
            if (t == waiting) {
                throw new TransientStoreException(
                        "deadlock: two transactions record each other's messages; repeat one");
            }
        }
        waiting.waitsFor = writer;
        try {
            database.awaitEnd(writer);
        } finally {
            waiting.waitsFor = null;
        }
    }

    @Override
    public void keepResult(InMemoryTransaction transaction, String consumerGroup, String messageId, KeptResult result) {
        database.act(Operation.RECORD, () -> {
            transaction.write(database);
            Entry entry = entries.get(new Id(consumerGroup, messageId));
            if (entry == null || entry.writer != transaction) {
                throw new IllegalStateException("id '" + messageId + "' was not recorded in this transaction");
            }
            entry.result = result;
        });
    }

    @Override
    public Optional<KeptResult> result(InMemoryTransaction transaction, String consumerGroup, String messageId) {
        return database.run(Operation.RECORD, () -> {
            transaction.requireOpen();
            Entry entry = entries.get(new Id(consumerGroup, messageId));
            return entry == null ? Optional.empty() : Optional.ofNullable(entry.result);
        });
    }

    @Override
    public int purge(Duration olderThan, int limit) {
        return database.run(Operation.PURGE, () -> {
            Instant bound = database.now().minus(olderThan);
            int purged = 0;
            for (Iterator<Entry> all = entries.values().iterator(); all.hasNext() && purged < limit; ) {
                Entry entry = all.next();
                if (entry.writer == null && !entry.processedAt.isAfter(bound)) {
                    all.remove();
                    purged++;
                }
            }
            return purged;
        });
    }

    /** A message id of a group. */
    private record Id(String consumerGroup, String messageId) {}

    private static final class Entry {
        private final Instant processedAt;
        /** The open transaction that recorded it; null once it has committed. */
        private @Nullable InMemoryTransaction writer;

        private @Nullable KeptResult result;

        Entry(Instant processedAt, InMemoryTransaction writer) {
            this.processedAt = processedAt;
            this.writer = writer;
        }
    }
}
