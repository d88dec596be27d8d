package io.outbox.testkit;

import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Parking;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The parked messages of an in-memory store. Every call is made with the database's monitor held. */
final class InMemoryParked {
    private static final Set<ParkedState> BLOCKING =
            EnumSet.of(ParkedState.RETRY, ParkedState.BEHIND, ParkedState.DEAD_BLOCKING);
    private static final Comparator<ParkedMessage> BY_KEY_ORDER = Comparator.<ParkedMessage>comparingLong(
                    parked -> parked.message().id())
            .thenComparingLong(ParkedMessage::parkedId);
    private static final Comparator<ParkedMessage> BY_DUE_TIME =
            Comparator.comparing(ParkedMessage::notBefore).thenComparing(BY_KEY_ORDER);

    private final TreeMap<Long, ParkedMessage> messages = new TreeMap<>();
    private long lastId;

    long nextId() {
        return ++lastId;
    }

    void put(ParkedMessage message) {
        messages.put(message.parkedId(), message);
    }

    void put(long parkedId, Parking parking, StoredMessage row, Instant now) {
        put(new ParkedMessage(
                parkedId,
                parking.state(),
                parking.attempts(),
                now.plus(parking.delay()),
                now,
                parking.error(),
                withAttempt(row, parking.attempts() + 1)));
    }

    boolean update(long parkedId, ParkedState state, int attempts, Instant notBefore, @Nullable String error) {
        ParkedMessage before = messages.get(parkedId);
        if (before == null) {
            return false;
        }
        put(new ParkedMessage(
                parkedId,
                state,
                attempts,
                notBefore,
                before.parkedAt(),
                error,
                withAttempt(before.message(), attempts + 1)));
        return true;
    }

    List<ParkedMessage> due(String channel, Set<Integer> shards, int limit, Instant now) {
        Map<Key, ParkedMessage> heads = new HashMap<>();
        blocking().forEach(message -> heads.merge(keyOf(message), message, InMemoryParked::earlier));
        return in(channel, shards)
                .filter(message -> !message.notBefore().isAfter(now))
                .filter(message -> isHead(message, heads))
                .sorted(BY_DUE_TIME)
                .limit(limit)
                .toList();
    }

    private static boolean isHead(ParkedMessage message, Map<Key, ParkedMessage> heads) {
        return switch (message.state()) {
            case SCHEDULED -> true;
            case RETRY, BEHIND -> {
                Key key = Key.of(message.message());
                ParkedMessage head = key == null ? null : heads.get(key);
                yield head == null || head.parkedId() == message.parkedId();
            }
            case DEAD, DEAD_BLOCKING -> false;
        };
    }

    private static ParkedMessage earlier(ParkedMessage one, ParkedMessage other) {
        return BY_KEY_ORDER.compare(one, other) <= 0 ? one : other;
    }

    List<ParkedMessage> behind(ParkedMessage head, int limit) {
        Key key = Key.of(head.message());
        if (key == null) {
            return List.of();
        }
        return blocking()
                .filter(message -> key.equals(Key.of(message.message())))
                .filter(message -> message.message().id() > head.message().id())
                .sorted(BY_KEY_ORDER)
                .takeWhile(message -> message.state() != ParkedState.DEAD_BLOCKING)
                .limit(limit)
                .toList();
    }

    boolean hasBlocking(String channel, Set<Integer> shards) {
        return blocking()
                .anyMatch(message -> message.message().message().channel().equals(channel)
                        && shards.contains(message.message().shard()));
    }

    Set<Key> blockedKeys() {
        Set<Key> keys = new HashSet<>();
        blocking().forEach(message -> keys.add(keyOf(message)));
        return keys;
    }

    @Nullable
    ParkedMessage get(long parkedId) {
        return messages.get(parkedId);
    }

    void delete(long[] parkedIds) {
        for (long parkedId : parkedIds) {
            messages.remove(parkedId);
        }
    }

    List<ParkedMessage> list(ParkedQuery query, Instant now) {
        return messages.tailMap(query.afterParkedId(), false).values().stream()
                .filter(message -> matches(message, query, now))
                .limit(query.limit())
                .toList();
    }

    long count(String channel, Set<ParkedState> states) {
        return messages.values().stream()
                .filter(message -> states.contains(message.state()))
                .filter(message -> message.message().message().channel().equals(channel))
                .count();
    }

    int redrive(ParkedQuery query, Duration spacing, Instant now) {
        List<ParkedMessage> selected = list(query, now);
        Instant due = now;
        for (ParkedMessage message : selected) {
            due = due.plus(spacing);
            update(message.parkedId(), ParkedState.RETRY, 0, due, message.lastError());
        }
        return selected.size();
    }

    int discard(ParkedQuery query, Instant now) {
        List<ParkedMessage> selected = new ArrayList<>(list(query, now));
        selected.forEach(message -> messages.remove(message.parkedId()));
        return selected.size();
    }

    private static boolean matches(ParkedMessage message, ParkedQuery query, Instant now) {
        var record = message.message().message();
        return query.states().contains(message.state())
                && isNullOrEqual(query.channel(), record.channel())
                && isNullOrEqual(query.destination(), record.destination())
                && isNullOrEqual(query.key(), record.key())
                && isNullOrEqual(query.messageId(), record.messageId())
                && (query.errorContains() == null
                        || (message.lastError() != null && message.lastError().contains(query.errorContains())))
                && (query.olderThan() == null
                        || !message.parkedAt().plus(query.olderThan()).isAfter(now));
    }

    private static boolean isNullOrEqual(@Nullable String wanted, @Nullable String value) {
        return wanted == null || wanted.equals(value);
    }

    /** Messages that block their key: those without one block nothing. */
    private Stream<ParkedMessage> blocking() {
        return messages.values().stream()
                .filter(message -> BLOCKING.contains(message.state())
                        && message.message().message().key() != null);
    }

    private Stream<ParkedMessage> in(String channel, Set<Integer> shards) {
        return messages.values().stream()
                .filter(message -> message.message().message().channel().equals(channel)
                        && shards.contains(message.message().shard()));
    }

    private static Key keyOf(ParkedMessage message) {
        Key key = Key.of(message.message());
        if (key == null) {
            throw new IllegalStateException("message " + message.parkedId() + " has no key and cannot block one");
        }
        return key;
    }

    private static StoredMessage withAttempt(StoredMessage m, int attempt) {
        return new StoredMessage(m.id(), m.shard(), m.createdAt(), attempt, m.payloadSize(), m.message());
    }

    /** What orders messages: a key within its channel. */
    record Key(String channel, String key) {
        static @Nullable Key of(StoredMessage message) {
            String key = message.message().key();
            return key == null ? null : new Key(message.message().channel(), key);
        }
    }
}
