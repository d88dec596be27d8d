package io.outbox.testkit;

import static java.util.Objects.requireNonNull;

import io.outbox.spi.Lease;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.ReadResult;
import io.outbox.spi.StoredMessage;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;

/**
 * What the contract suites of a store need from its subclass, and some words for their cases. Each test runs on a store of
 * its own, without messages.
 *
 * @param <T> the handle of a caller's transaction
 */
public abstract class StoreContract<T> {
    static final String CHANNEL = "default";
    static final Duration LONG_LEASE = Duration.ofMinutes(10);

    private @Nullable StoreFixture<OutboxStore<T>, T> fixture;

    /** For subclasses. */
    protected StoreContract() {}

    /**
     * Makes the store of one test.
     *
     * @return an empty store, with transactions
     */
    protected abstract StoreFixture<OutboxStore<T>, T> fixture();

    /**
     * Tells whether a transaction that has written makes all others wait that want to write, as on SQLite. Default: no.
     *
     * @return whether it does
     */
    protected boolean hasOneWriter() {
        return false;
    }

    @BeforeEach
    final void makeFixture() {
        fixture = fixture();
    }

    final OutboxStore<T> store() {
        return present().store();
    }

    final T begin() {
        return present().begin();
    }

    final void commit(T transaction) {
        present().commit(transaction);
    }

    final void rollback(T transaction) {
        present().rollback(transaction);
    }

    private StoreFixture<OutboxStore<T>, T> present() {
        return requireNonNull(fixture, "fixture");
    }

    final void append(OutboxRecord... messages) {
        T transaction = begin();
        store().append(transaction, List.of(messages));
        commit(transaction);
    }

    final Set<Integer> allShards() {
        Set<Integer> all = new HashSet<>();
        for (int shard = 0; shard < store().shards(); shard++) {
            all.add(shard);
        }
        return all;
    }

    final ReadResult readAll() {
        return read(0, 1000);
    }

    final ReadResult read(long afterId, int limit) {
        return store().read(new ReadRequest(CHANNEL, allShards(), afterId, limit, 1 << 20, true));
    }

    /** A relay that has every shard. */
    final String relayWithAllShards() {
        String relay = "relay-" + UUID.randomUUID();
        store().join(CHANNEL, relay, LONG_LEASE);
        List<Lease> leases =
                store().heartbeat(CHANNEL, relay, LONG_LEASE).orElseThrow().leases();
        store().claim(CHANNEL, relay, leases);
        return relay;
    }

    static OutboxRecord message(String id, @Nullable String key) {
        return message(id, CHANNEL, key);
    }

    static OutboxRecord message(String id, String channel, @Nullable String key) {
        byte[] payload = ("payload of " + id).getBytes(StandardCharsets.UTF_8);
        return new OutboxRecord(id, channel, "orders", key, "order.paid", "text/plain", Map.of(), payload, null);
    }

    static List<String> messageIds(List<StoredMessage> messages) {
        return messages.stream().map(m -> m.message().messageId()).toList();
    }
}
