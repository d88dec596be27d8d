package io.outbox.simulation;

import io.outbox.spi.ArchivedMessage;
import io.outbox.spi.Lease;
import io.outbox.spi.LeaseView;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Parking;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.ReadResult;
import io.outbox.testkit.InMemoryTransaction;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Does what another store does, but for what a subclass changes. */
class ForwardingStore implements OutboxStore<InMemoryTransaction> {
    final OutboxStore<InMemoryTransaction> store;

    ForwardingStore(OutboxStore<InMemoryTransaction> store) {
        this.store = store;
    }

    @Override
    public void append(InMemoryTransaction transaction, List<OutboxRecord> messages) {
        store.append(transaction, messages);
    }

    @Override
    public Runnable onCommit(Consumer<String> listener) {
        return store.onCommit(listener);
    }

    @Override
    public int shards() {
        return store.shards();
    }

    @Override
    public ReadResult read(ReadRequest request) {
        return store.read(request);
    }

    @Override
    public long[] idsBetween(String channel, Set<Integer> shards, long afterId, long upToId, int limit) {
        return store.idsBetween(channel, shards, afterId, upToId, limit);
    }

    @Override
    public ReadResult load(long[] ids) {
        return store.load(ids);
    }

    @Override
    public OptionalLong delete(long[] ids) {
        return store.delete(ids);
    }

    @Override
    public Optional<Duration> oldestWaiting(String channel) {
        return store.oldestWaiting(channel);
    }

    @Override
    public void join(String channel, String relayId, Duration leaseTime) {
        store.join(channel, relayId, leaseTime);
    }

    @Override
    public Optional<LeaseView> heartbeat(String channel, String relayId, Duration leaseTime) {
        return store.heartbeat(channel, relayId, leaseTime);
    }

    @Override
    public List<Lease> claim(String channel, String relayId, Collection<Lease> leases) {
        return store.claim(channel, relayId, leases);
    }

    @Override
    public void release(String channel, String relayId, Set<Integer> shards) {
        store.release(channel, relayId, shards);
    }

    @Override
    public void leave(String channel, String relayId) {
        store.leave(channel, relayId);
    }

    @Override
    public boolean park(String relayId, Collection<Parking> parkings) {
        return store.park(relayId, parkings);
    }

    @Override
    public List<ParkedMessage> due(String channel, Set<Integer> shards, int limit) {
        return store.due(channel, shards, limit);
    }

    @Override
    public List<ParkedMessage> behind(ParkedMessage head, int limit) {
        return store.behind(head, limit);
    }

    @Override
    public boolean hasBlocking(String channel, Set<Integer> shards) {
        return store.hasBlocking(channel, shards);
    }

    @Override
    public boolean repark(
            String relayId,
            ParkedMessage message,
            ParkedState state,
            int attempts,
            Duration delay,
            @Nullable String error) {
        return store.repark(relayId, message, state, attempts, delay, error);
    }

    @Override
    public void deleteParked(long[] parkedIds) {
        store.deleteParked(parkedIds);
    }

    @Override
    public List<ParkedMessage> list(ParkedQuery query) {
        return store.list(query);
    }

    @Override
    public long count(String channel, Set<ParkedState> states) {
        return store.count(channel, states);
    }

    @Override
    public int redrive(ParkedQuery query, Duration spacing) {
        return store.redrive(query, spacing);
    }

    @Override
    public int discard(ParkedQuery query) {
        return store.discard(query);
    }

    @Override
    public OptionalLong archive(long[] ids) {
        return store.archive(ids);
    }

    @Override
    public void archiveParked(long[] parkedIds) {
        store.archiveParked(parkedIds);
    }

    @Override
    public List<ArchivedMessage> archived(String messageId) {
        return store.archived(messageId);
    }

    @Override
    public int purgeArchive(Duration age, int limit) {
        return store.purgeArchive(age, limit);
    }
}
