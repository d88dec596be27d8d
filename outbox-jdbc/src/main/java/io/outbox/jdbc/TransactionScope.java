package io.outbox.jdbc;

import io.outbox.spi.OutboxRecord;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A transaction that {@link Transactions} has open on the current thread, with the messages that were appended and not
 * yet written. Confined to that thread.
 */
final class TransactionScope {
    /** A full buffer is written at once: memory stays bounded whatever a transaction appends. */
    private static final int MAX_MESSAGES = 1000;

    private static final long MAX_BYTES = 4L << 20;
    private static final ThreadLocal<TransactionScope> CURRENT = new ThreadLocal<>();

    private final Transactions owner;
    private final @Nullable TransactionScope outer;
    private final Connection raw;
    private final Connection guarded;
    private final boolean autoCommitBefore;
    private final Map<JdbcOutboxStore, List<OutboxRecord>> buffered = new LinkedHashMap<>();
    private final Map<JdbcOutboxStore, Set<String>> channels = new LinkedHashMap<>();
    private int messages;
    private long bytes;
    private boolean isWritingThrough;

    private TransactionScope(
            Transactions owner, @Nullable TransactionScope outer, Connection raw, boolean autoCommitBefore) {
        this.owner = owner;
        this.outer = outer;
        this.raw = raw;
        this.autoCommitBefore = autoCommitBefore;
        this.guarded = GuardedConnection.of(this, raw);
    }

    static TransactionScope open(Transactions owner, Connection connection, boolean autoCommitBefore) {
        TransactionScope scope = new TransactionScope(owner, CURRENT.get(), connection, autoCommitBefore);
        CURRENT.set(scope);
        return scope;
    }

    /** Returns the open scope of a runner on this thread. */
    static @Nullable TransactionScope of(Transactions owner) {
        TransactionScope scope = CURRENT.get();
        while (scope != null && scope.owner != owner) {
            scope = scope.outer;
        }
        return scope;
    }

    /** Returns the open scope on this thread to which a connection belongs. */
    static @Nullable TransactionScope of(Connection connection) {
        TransactionScope scope = CURRENT.get();
        while (scope != null && scope.guarded != connection && scope.raw != connection) {
            scope = scope.outer;
        }
        return scope;
    }

    Connection connection() {
        return guarded;
    }

    Connection raw() {
        return raw;
    }

    boolean autoCommitBefore() {
        return autoCommitBefore;
    }

    /** Keeps messages until the commit, in the order in which they came. */
    void append(JdbcOutboxStore store, List<OutboxRecord> more) {
        for (OutboxRecord message : more) {
            channels.computeIfAbsent(store, s -> new LinkedHashSet<>()).add(message.channel());
            bytes += message.payload().length;
        }
        messages += more.size();
        buffered.computeIfAbsent(store, s -> new ArrayList<>()).addAll(more);
        if (isWritingThrough || messages >= MAX_MESSAGES || bytes >= MAX_BYTES) {
            flush();
        }
    }

    /** Writes what is kept, each store's messages as one batch. */
    void flush() {
        for (Map.Entry<JdbcOutboxStore, List<OutboxRecord>> entry : buffered.entrySet()) {
            entry.getKey().write(raw, entry.getValue());
        }
        buffered.clear();
        messages = 0;
        bytes = 0;
    }

    /**
     * Writes what is kept, and from now on every message at once: what was appended before a savepoint must survive a
     * roll-back to it, what comes after must not.
     */
    void writeThrough() {
        flush();
        isWritingThrough = true;
    }

    /** Tells the stores that their messages are committed. */
    void notifyCommitted() {
        channels.forEach(JdbcOutboxStore::notifyCommitted);
    }

    void close() {
        if (outer == null) {
            CURRENT.remove();
        } else {
            CURRENT.set(outer);
        }
    }
}
