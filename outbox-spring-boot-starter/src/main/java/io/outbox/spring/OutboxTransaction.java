package io.outbox.spring;

import io.outbox.NoTransactionException;
import io.outbox.TransientStoreException;
import io.outbox.spi.OutboxRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.core.Ordered;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * What a transaction has to do with outboxes: its messages, and whether it still takes any. Bound to the thread as long as the
 * transaction is the thread's.
 *
 * <p>It is there from the beginning of a transaction whose manager {@link TransactionListening} listens to. That way it hears of
 * the commit before anybody else: what other code publishes after the commit, in the last moment in which Spring still calls the
 * transaction active, would be lost, and is refused. In a transaction of an unknown manager it comes with the first message.
 */
final class OutboxTransaction implements TransactionSynchronization {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxTransaction.class);
    private static final Object KEY = OutboxTransaction.class;
    private static final String TOO_LATE =
            "the transaction has been committed or rolled back: a message published now would not be part of it. Publish before,"
                    + " or in a new transaction (propagation REQUIRES_NEW)";

    private final @Nullable PlatformTransactionManager manager;
    private final Map<OutboxTarget, PendingMessages> pending = new LinkedHashMap<>();
    private State state = State.GATHERING;

    private enum State {
        /** Messages wait for the commit. */
        GATHERING,
        /** The commit has begun: a message is written at once. */
        COMMITTING,
        /** It has been committed. */
        COMMITTED
    }

    private OutboxTransaction(@Nullable PlatformTransactionManager manager) {
        this.manager = manager;
    }

    /** Binds a new one to the transaction that has just begun, or is already running if no manager is given. */
    static OutboxTransaction begin(@Nullable PlatformTransactionManager manager) {
        OutboxTransaction begun = new OutboxTransaction(manager);
        TransactionSynchronizationManager.registerSynchronization(begun);
        TransactionSynchronizationManager.bindResource(KEY, begun);
        return begun;
    }

    /** The one of the thread's transaction. */
    static @Nullable OutboxTransaction current() {
        return (OutboxTransaction) TransactionSynchronizationManager.getResource(KEY);
    }

    /** The one of the thread's transaction, which is active. */
    static OutboxTransaction currentOrBegin() {
        OutboxTransaction current = current();
        if (current != null) {
            return current;
        }
        if (!TransactionSynchronizationManager.isSynchronizationActive()) {
            throw new NoTransactionException(TOO_LATE);
        }
        return begin(null);
    }

    boolean isOf(PlatformTransactionManager other) {
        return manager == other;
    }

    /** Takes messages; checks with the first ones that they can be written in this transaction. */
    void add(OutboxTarget target, List<OutboxRecord> messages) {
        if (state == State.COMMITTED) {
            throw new NoTransactionException(TOO_LATE);
        }
        PendingMessages waiting = pending.get(target);
        if (waiting == null) {
            target.withConnection(connection -> requireTransaction(connection, target));
            waiting = new PendingMessages(target.outbox());
            pending.put(target, waiting);
        }
        waiting.add(messages);
        if (state == State.COMMITTING || waiting.areMany()) {
            write(target, waiting);
        }
    }

    private static void requireTransaction(Connection connection, OutboxTarget target) {
        try {
            if (connection.getAutoCommit()) {
                throw new NoTransactionException(
                        "the current transaction does not include the DataSource '" + target.name()
                                + "' of the outbox: which transaction manager does the method's @Transactional name?");
            }
        } catch (SQLException e) {
            throw new TransientStoreException("the connection of the transaction cannot be used", e);
        }
    }

    private void write() {
        pending.forEach(OutboxTransaction::write);
    }

    private static void write(OutboxTarget target, PendingMessages messages) {
        if (!messages.areWritten()) {
            target.withConnection(messages::write);
        }
    }

    /** The last thing before the commit. */
    void commit() {
        write();
        state = State.COMMITTING;
    }

    @Override
    public void flush() {
        write();
    }

    @Override
    public void beforeCommit(boolean readOnly) {
        if (manager == null) {
            commit();
        }
    }

    @Override
    public void savepoint(Object savepoint) {
        pending.values().forEach(messages -> messages.savepoint(savepoint));
    }

    @Override
    public void savepointRollback(Object savepoint) {
        pending.values().forEach(messages -> messages.savepointRollback(savepoint));
    }

    @Override
    public void afterCommit() {
        state = State.COMMITTED;
        pending.keySet().forEach(target -> target.afterCommit().run());
    }

    @Override
    public void suspend() {
        TransactionSynchronizationManager.unbindResource(KEY);
    }

    @Override
    public void resume() {
        TransactionSynchronizationManager.bindResource(KEY, this);
    }

    @Override
    public void afterCompletion(int status) {
        TransactionSynchronizationManager.unbindResourceIfPossible(KEY);
        if (status == STATUS_COMMITTED && !pending.values().stream().allMatch(PendingMessages::areWritten)) {
            LOG.error(
                    "Messages were published when their transaction had been committed already, and are not written: {}",
                    pending.keySet().stream().map(OutboxTarget::name).toList());
        }
    }

    /** First to hear of the commit; where the manager is unknown, last to write before it. */
    @Override
    public int getOrder() {
        return manager == null ? Ordered.LOWEST_PRECEDENCE : Ordered.HIGHEST_PRECEDENCE;
    }
}
