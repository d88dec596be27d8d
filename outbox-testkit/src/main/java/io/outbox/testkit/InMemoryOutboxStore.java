package io.outbox.testkit;

import static java.util.Objects.requireNonNull;

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
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.Faults.Operation;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An outbox in memory, for tests: it behaves as a database does, late commits and numbered transactions among it, and
 * passes {@link OutboxStoreContract}. Its failures are those of {@link InMemoryTransactions#faults()}. Thread-safe.
 *
 * <p>Reading walks over what is stored, so it is quick for some hundred thousand messages, not for millions.
 */
public final class InMemoryOutboxStore implements OutboxStore<InMemoryTransaction> {
    private static final Logger LOG = LoggerFactory.getLogger(InMemoryOutboxStore.class);
    private static final int DEFAULT_SHARDS = 64;

    private final InMemoryTransactions database;
    private final int shards;
    private final List<Registration> listeners = new CopyOnWriteArrayList<>();
    /** These fields are guarded by the database's monitor. */
    private final TreeMap<Long, StoredMessage> hot = new TreeMap<>();

    private final InMemoryLeases leases;
    private final InMemoryParked parked;
    private final InMemoryArchive archive = new InMemoryArchive();
    private long lastId;

    /**
     * Makes an empty outbox of 64 shards.
     *
     * @param database its transactions, clock and failures
     */
    public InMemoryOutboxStore(InMemoryTransactions database) {
        this(database, DEFAULT_SHARDS);
    }

    /**
     * Makes an empty outbox.
     *
     * @param database its transactions, clock and failures
     * @param shards the number of shards, 1 to 32,767
     */
    public InMemoryOutboxStore(InMemoryTransactions database, int shards) {
        if (shards < 1 || shards > Short.MAX_VALUE) {
            throw new IllegalArgumentException("shards must be 1 to 32767, was " + shards);
        }
        this.database = requireNonNull(database, "database");
        this.shards = shards;
        leases = new InMemoryLeases(shards);
        parked = new InMemoryParked();
    }

    @Override
    public void append(InMemoryTransaction transaction, List<OutboxRecord> messages) {
        requireNonNull(transaction, "transaction");
        database.act(Operation.APPEND, () -> {
            transaction.write(database);
            Set<String> channels = new LinkedHashSet<>();
            for (OutboxRecord message : messages) {
                append(transaction, message);
                channels.add(message.channel());
            }
            transaction.afterCommit(() -> channels.forEach(this::committed));
        });
    }

    /** Draws the id now and shows the message at commit: a transaction may take its id early and commit late. */
    private void append(InMemoryTransaction transaction, OutboxRecord message) {
        Instant now = database.now();
        int shard = message.shard(shards);
        int size = message.payload().length;
        if (message.deliverAt() == null) {
            long id = ++lastId;
            StoredMessage stored = new StoredMessage(id, shard, now, 1, size, message);
            transaction.onCommit(() -> hot.put(id, stored));
        } else {
            long parkedId = parked.nextId();
            ParkedMessage scheduled = new ParkedMessage(
                    parkedId,
                    ParkedState.SCHEDULED,
                    0,
                    message.deliverAt(),
                    now,
                    null,
                    new StoredMessage(0, shard, now, 1, size, message));
            transaction.onCommit(() -> parked.put(scheduled));
        }
    }

    private void committed(String channel) {
        for (Registration registration : listeners) {
            try {
                registration.listener.accept(channel);
            } catch (RuntimeException e) {
                LOG.warn("a commit listener failed for channel {}; the message is committed all the same", channel, e);
            }
        }
    }

    @Override
    public Runnable onCommit(Consumer<String> listener) {
        Registration registration = new Registration(requireNonNull(listener, "listener"));
        listeners.add(registration);
        return () -> listeners.remove(registration);
    }

    @Override
    public int shards() {
        return shards;
    }

    @Override
    public ReadResult read(ReadRequest request) {
        return database.run(Operation.READ, () -> {
            List<StoredMessage> found = new ArrayList<>();
            for (StoredMessage message : above(request.afterId()).values()) {
                if (found.size() == request.limit()) {
                    break;
                }
                if (isIn(message, request.channel(), request.shards())) {
                    found.add(message.payloadSize() > request.maxPayloadBytes() ? withoutPayload(message) : message);
                }
            }
            long topId = hot.isEmpty() ? request.afterId() : Math.max(request.afterId(), hot.lastKey());
            Set<Long> blocked = request.checkBlocked() ? blockedAmong(found) : Set.of();
            return new ReadResult(found, blocked, topId, database.writers());
        });
    }

    @Override
    public long[] idsBetween(String channel, Set<Integer> ofShards, long afterId, long upToId, int limit) {
        return database.run(
                Operation.IDS_BETWEEN,
                () -> above(afterId).values().stream()
                        .takeWhile(message -> message.id() <= upToId)
                        .filter(message -> isIn(message, channel, ofShards))
                        .mapToLong(StoredMessage::id)
                        .limit(limit)
                        .toArray());
    }

    @Override
    public ReadResult load(long[] ids) {
        return database.run(Operation.LOAD, () -> {
            TreeMap<Long, StoredMessage> found = new TreeMap<>();
            for (long id : ids) {
                StoredMessage message = hot.get(id);
                if (message != null) {
                    found.put(id, message);
                }
            }
            List<StoredMessage> messages = List.copyOf(found.values());
            long topId = found.isEmpty() ? 0 : found.lastKey();
            return new ReadResult(messages, blockedAmong(messages), topId, database.writers());
        });
    }

    @Override
    public OptionalLong delete(long[] ids) {
        return database.run(Operation.DELETE, () -> remove(ids));
    }

    private OptionalLong remove(long[] ids) {
        long number = database.startWriter();
        for (long id : ids) {
            hot.remove(id);
        }
        database.endWriter(number);
        return OptionalLong.of(number);
    }

    @Override
    public OptionalLong archive(long[] ids) {
        return database.run(Operation.ARCHIVE, () -> {
            for (long id : ids) {
                StoredMessage message = hot.get(id);
                if (message != null) {
                    archive.add(message, database.now());
                }
            }
            return remove(ids);
        });
    }

    @Override
    public void archiveParked(long[] parkedIds) {
        database.act(Operation.ARCHIVE_PARKED, () -> {
            for (long parkedId : parkedIds) {
                ParkedMessage message = parked.get(parkedId);
                if (message != null) {
                    archive.add(message.message(), database.now());
                }
            }
            parked.delete(parkedIds);
        });
    }

    @Override
    public List<ArchivedMessage> archived(String messageId) {
        return database.run(Operation.ARCHIVED, () -> archive.find(messageId));
    }

    @Override
    public int purgeArchive(Duration age, int limit) {
        return database.run(Operation.PURGE_ARCHIVE, () -> archive.purge(age, limit, database.now()));
    }

    @Override
    public Optional<Duration> oldestWaiting(String channel) {
        return database.run(
                Operation.OLDEST_WAITING,
                () -> hot.values().stream()
                        .filter(message -> message.message().channel().equals(channel))
                        .map(StoredMessage::createdAt)
                        .min(Instant::compareTo)
                        .map(oldest -> Duration.between(oldest, database.now())));
    }

    private NavigableMap<Long, StoredMessage> above(long id) {
        return hot.tailMap(id, false);
    }

    private Set<Long> blockedAmong(List<StoredMessage> messages) {
        Set<InMemoryParked.Key> keys = parked.blockedKeys();
        Set<Long> blocked = new HashSet<>();
        for (StoredMessage message : messages) {
            InMemoryParked.Key key = InMemoryParked.Key.of(message);
            if (key != null && keys.contains(key)) {
                blocked.add(message.id());
            }
        }
        return blocked;
    }

    private static boolean isIn(StoredMessage message, String channel, Set<Integer> shards) {
        return message.message().channel().equals(channel) && shards.contains(message.shard());
    }

    private static StoredMessage withoutPayload(StoredMessage stored) {
        OutboxRecord m = stored.message();
        OutboxRecord empty = new OutboxRecord(
                m.messageId(),
                m.channel(),
                m.destination(),
                m.key(),
                m.type(),
                m.contentType(),
                m.headers(),
                new byte[0],
                m.deliverAt());
        return new StoredMessage(
                stored.id(), stored.shard(), stored.createdAt(), stored.attempt(), stored.payloadSize(), empty);
    }

    @Override
    public void join(String channel, String relayId, Duration leaseTime) {
        database.act(Operation.JOIN, () -> leases.join(channel, relayId, database.now(), leaseTime));
    }

    @Override
    public Optional<LeaseView> heartbeat(String channel, String relayId, Duration leaseTime) {
        return database.run(Operation.HEARTBEAT, () -> leases.heartbeat(channel, relayId, database.now(), leaseTime));
    }

    @Override
    public List<Lease> claim(String channel, String relayId, Collection<Lease> seen) {
        return database.run(Operation.CLAIM, () -> leases.claim(channel, relayId, database.now(), seen));
    }

    @Override
    public void release(String channel, String relayId, Set<Integer> ofShards) {
        database.act(Operation.RELEASE, () -> leases.release(channel, relayId, ofShards));
    }

    @Override
    public void leave(String channel, String relayId) {
        database.act(Operation.LEAVE, () -> leases.leave(channel, relayId));
    }

    @Override
    public boolean park(String relayId, Collection<Parking> parkings) {
        return database.run(Operation.PARK, () -> {
            Instant now = database.now();
            if (!parkings.stream().allMatch(parking -> isLeased(relayId, parking.message(), now))) {
                return false;
            }
            for (Parking parking : parkings) {
                // the row, not what the relay holds of it: that may come without its payload
                StoredMessage row = hot.remove(parking.message().id());
                if (row != null) {
                    parked.put(parked.nextId(), parking, row, now);
                }
            }
            return true;
        });
    }

    @Override
    public List<ParkedMessage> due(String channel, Set<Integer> ofShards, int limit) {
        return database.run(Operation.DUE, () -> parked.due(channel, ofShards, limit, database.now()));
    }

    @Override
    public List<ParkedMessage> behind(ParkedMessage head, int limit) {
        return database.run(Operation.BEHIND, () -> parked.behind(head, limit));
    }

    @Override
    public boolean hasBlocking(String channel, Set<Integer> ofShards) {
        return database.run(Operation.HAS_BLOCKING, () -> parked.hasBlocking(channel, ofShards));
    }

    @Override
    public boolean repark(
            String relayId,
            ParkedMessage message,
            ParkedState state,
            int attempts,
            Duration delay,
            @Nullable String error) {
        return database.run(Operation.REPARK, () -> {
            Instant now = database.now();
            return isLeased(relayId, message.message(), now)
                    && parked.update(message.parkedId(), state, attempts, now.plus(delay), error);
        });
    }

    private boolean isLeased(String relayId, StoredMessage message, Instant now) {
        return leases.isOwner(message.message().channel(), relayId, message.shard(), now);
    }

    @Override
    public void deleteParked(long[] parkedIds) {
        database.act(Operation.DELETE_PARKED, () -> parked.delete(parkedIds));
    }

    @Override
    public List<ParkedMessage> list(ParkedQuery query) {
        return database.run(Operation.LIST, () -> parked.list(query, database.now()));
    }

    @Override
    public long count(String channel, Set<ParkedState> states) {
        return database.run(Operation.COUNT, () -> parked.count(channel, states));
    }

    @Override
    public int redrive(ParkedQuery query, Duration spacing) {
        return database.run(Operation.REDRIVE, () -> parked.redrive(query, spacing, database.now()));
    }

    @Override
    public int discard(ParkedQuery query) {
        return database.run(Operation.DISCARD, () -> parked.discard(query, database.now()));
    }

    /** Makes two registrations of one listener different. */
    private static final class Registration {
        private final Consumer<String> listener;

        Registration(Consumer<String> listener) {
            this.listener = listener;
        }
    }
}
