package io.outbox.spring;

import static java.util.Objects.requireNonNull;

import io.outbox.Message;
import io.outbox.NoTransactionException;
import io.outbox.spi.OutboxRecord;
import java.util.Collection;
import java.util.List;
import java.util.function.UnaryOperator;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/**
 * Where a Spring application publishes: messages join the transaction of the calling thread, whether JdbcTemplate, JPA or another
 * works in it on the same data source. They are checked at once and written together, in order, just before the commit; then the
 * relay of this process is woken. With several data sources, the one whose transaction it is takes the message. Thread-safe.
 *
 * <p>Spring's savepoints (nested transactions) are followed. Whoever rolls back to a savepoint of the connection itself calls
 * {@link #flush} after publishing, before the roll-back.
 */
public final class SpringOutbox {
    private final OutboxTargets targets;
    private final OutboxTargets all;
    private final Settings settings;

    /**
     * How it publishes.
     *
     * @param needsTransaction whether publishing without a transaction is refused; else it gets one of its own
     * @param observer sees each message, and may add headers
     */
    record Settings(boolean needsTransaction, UnaryOperator<Message> observer) {}

    SpringOutbox(OutboxTargets targets, Settings settings) {
        this(targets, targets, settings);
    }

    private SpringOutbox(OutboxTargets targets, OutboxTargets all, Settings settings) {
        this.targets = targets;
        this.all = all;
        this.settings = settings;
    }

    /**
     * Publishes a message in the current transaction. After a roll-back it never existed.
     *
     * @param message the message
     * @return its id
     * @throws NoTransactionException when there is no transaction that takes it: none at all (unless
     *     {@code outbox.transaction-required} is false), a read-only one, one that has been committed, or one of another data source
     * @throws io.outbox.InvalidMessageException when the message exceeds a limit, cannot be encoded or has no type
     * @throws io.outbox.StoreException when the database refuses; the commit throws it too, as messages are written there
     */
    public String publish(Message message) {
        return publishAll(List.of(message)).get(0);
    }

    /**
     * Publishes several messages, in order, in the current transaction.
     *
     * @param messages the messages; none does nothing
     * @return their ids, in the same order
     * @throws NoTransactionException as {@link #publish}
     * @throws io.outbox.InvalidMessageException when one exceeds a limit, cannot be encoded or has no type; none is published then
     * @throws io.outbox.StoreException as {@link #publish}
     */
    public List<String> publishAll(Collection<Message> messages) {
        if (TransactionSynchronizationManager.isActualTransactionActive()) {
            return publishInTransaction(messages);
        }
        if (settings.needsTransaction()) {
            throw new NoTransactionException(
                    "a message can be published in a transaction only: annotate the method with"
                            + " @Transactional, and call it from another bean, or use a TransactionTemplate");
        }
        return targets.first().transactions().inTransaction(connection -> publishInTransaction(messages));
    }

    /**
     * Writes what was published in the current transaction and is not written yet. Without a transaction it does nothing.
     *
     * @throws io.outbox.StoreException when the database refuses
     */
    public void flush() {
        OutboxTransaction transaction = OutboxTransaction.current();
        if (transaction != null) {
            transaction.flush();
        }
    }

    /**
     * Returns the outbox of one data source.
     *
     * @param dataSource the name of its bean, one of {@code outbox.data-sources}
     * @return an outbox that publishes there only
     * @throws IllegalArgumentException when there is no outbox in it
     */
    public SpringOutbox on(String dataSource) {
        requireNonNull(dataSource, "dataSource");
        List<OutboxTarget> named = all.having(target -> target.name().equals(dataSource));
        if (named.isEmpty()) {
            throw new IllegalArgumentException("there is no outbox in a DataSource '" + dataSource + "', but in "
                    + all.names() + ": add it to outbox.data-sources");
        }
        return new SpringOutbox(new OutboxTargets(named), all, settings);
    }

    private List<String> publishInTransaction(Collection<Message> messages) {
        if (TransactionSynchronizationManager.isCurrentTransactionReadOnly()) {
            throw new NoTransactionException(
                    "the transaction is read-only: a message cannot be written in it; remove readOnly = true");
        }
        OutboxTransaction transaction = OutboxTransaction.currentOrBegin();
        OutboxTarget target = targets.of(transaction);
        List<OutboxRecord> records = target.outbox()
                .encode(messages.stream().map(settings.observer()).toList());
        transaction.add(target, records);
        return records.stream().map(OutboxRecord::messageId).toList();
    }
}
