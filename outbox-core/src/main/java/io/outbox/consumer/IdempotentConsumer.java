package io.outbox.consumer;

import static java.util.Objects.requireNonNull;

import io.outbox.TransactionRunner;
import io.outbox.spi.DedupStore;
import java.util.List;

/**
 * Makes each message take effect once per consumer group: records its id and runs the handler in one transaction.
 *
 * <p>The promise covers what the handler does through that transaction. A duplicate that arrives while the first is being
 * handled waits for its end, then is skipped, or is handled if the first rolled back. Independent of any broker: use it
 * from a loop of this library, a framework's listener or a web request. Thread-safe.
 *
 * @param <T> the handle of the transaction, for JDBC a {@code java.sql.Connection}
 */
public final class IdempotentConsumer<T> {
    private static final int MAX_LENGTH = 200;

    private final String group;
    private final TransactionRunner<T> transactions;
    private final DedupStore<T> dedup;

    private IdempotentConsumer(String group, TransactionRunner<T> transactions, DedupStore<T> dedup) {
        this.group = checked("group", group);
        this.transactions = requireNonNull(transactions, "transactions");
        this.dedup = requireNonNull(dedup, "dedup");
    }

    /**
     * Makes a consumer.
     *
     * @param <T> the handle of the transaction
     * @param group the consumer group, 1 to 200 characters: each group handles each message once
     * @param transactions begins the transactions
     * @param dedup remembers what was handled, in the same database as the handler's effects
     * @return a thread-safe consumer
     */
    public static <T> IdempotentConsumer<T> of(String group, TransactionRunner<T> transactions, DedupStore<T> dedup) {
        return new IdempotentConsumer<>(group, transactions, dedup);
    }

    /**
     * Returns the consumer group.
     *
     * @return its name
     */
    public String group() {
        return group;
    }

    /**
     * Handles a message unless the group has handled it before. When it returns, the transaction has committed (or, where
     * it joined one of the calling thread, will with that); acknowledge the message to the broker after that, not before.
     *
     * @param <X> what the handler may throw
     * @param message the message
     * @param handler called with the transaction, unless the message is a duplicate
     * @return what happened
     * @throws X what the handler threw, after the roll-back: the message counts as not handled
     * @throws io.outbox.StoreException when the database fails: the message counts as not handled, unless the failure hid
     *     a commit, in which case the next delivery is a duplicate
     */
    public <X extends Exception> Handling handle(ReceivedMessage message, MessageHandler<T, X> handler) throws X {
        requireNonNull(handler, "handler");
        return once(message.id(), transaction -> handler.handle(transaction, message));
    }

    /**
     * Runs work once per id, for ids that do not come from a broker, such as a payment provider's notification number.
     *
     * @param <X> what the work may throw
     * @param id any string of 1 to 200 characters
     * @param work called with the transaction, unless the id is a duplicate
     * @return what happened
     * @throws X what the work threw, after the roll-back: the id counts as not handled
     */
    public <X extends Exception> Handling once(String id, Effect<T, X> work) throws X {
        checked("id", id);
        requireNonNull(work, "work");
        return transactions.<Handling, X>inTransaction(transaction -> {
            if (dedup.record(transaction, group, List.of(id)).isEmpty()) {
                return Handling.DUPLICATE;
            }
            work.run(transaction);
            return Handling.HANDLED;
        });
    }

    private static String checked(String name, String value) {
        if (requireNonNull(value, name).isBlank() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    name + " must have 1 to " + MAX_LENGTH + " characters and not be blank, had " + value.length());
        }
        return value;
    }

    /**
     * Work that takes effect once.
     *
     * @param <T> the handle of the transaction
     * @param <X> what it may throw
     */
    @FunctionalInterface
    public interface Effect<T, X extends Exception> {
        /**
         * Does the work.
         *
         * @param transaction the open transaction
         * @throws X any failure; rolls the transaction back
         */
        void run(T transaction) throws X;
    }
}
