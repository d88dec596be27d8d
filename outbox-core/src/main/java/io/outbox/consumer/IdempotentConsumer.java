package io.outbox.consumer;

import static java.util.Objects.requireNonNull;

import io.outbox.Causation;
import io.outbox.InvalidMessageException;
import io.outbox.TransactionRunner;
import io.outbox.internal.Utf8;
import io.outbox.spi.DedupStore;
import io.outbox.spi.KeptResult;
import io.outbox.spi.PayloadCodec;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

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
    private static final int MAX_RESULT = 1024 * 1024;

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
        return once(message.id(), transaction -> call(handler, transaction, message));
    }

    /**
     * Handles messages in one transaction, unless the group has handled them before. A message that fails costs the others
     * nothing but time: the transaction is split at it, so that the others are committed. Of each key the messages are handled in
     * the order given; those behind a failed one are left. The handler may be called several times for a message whose
     * transaction was rolled back because of another. Acknowledge those that {@linkplain Outcome#isDone() are done}.
     *
     * <p>Begins transactions of its own: must not be called within one.
     *
     * @param messages the messages, in order; their ids may repeat
     * @param handler called with the transaction for each message that is no duplicate
     * @return what came of each, in the order given; failures, of the database too, are told here and never thrown
     * @throws IllegalStateException within a transaction
     */
    public List<Outcome> handleAll(List<ReceivedMessage> messages, MessageHandler<T, ? extends Exception> handler) {
        return handleAll(messages, ReceivedMessage::key, handler);
    }

    /**
     * Does what {@link #handleAll(List, MessageHandler)} does, with another order than that of the key.
     *
     * @param messages the messages, in order
     * @param orderedBy tells what orders a message; null for none
     * @param handler called with the transaction for each message that is no duplicate
     * @return what came of each, in the order given
     * @throws IllegalStateException within a transaction
     */
    public List<Outcome> handleAll(
            List<ReceivedMessage> messages,
            Function<ReceivedMessage, @Nullable Object> orderedBy,
            MessageHandler<T, ? extends Exception> handler) {
        requireNonNull(handler, "handler");
        if (transactions.isOpen()) {
            // a message that fails could not be rolled back alone, and those behind it would be taken for duplicates
            throw new IllegalStateException(
                    "handleAll begins transactions of its own: it must not be called within a transaction");
        }
        messages.forEach(message -> checked("id", message.id()));
        return new Batch<>(group, transactions, dedup, handler, messages, orderedBy).run();
    }

    static <T, X extends Exception> void call(MessageHandler<T, X> handler, T transaction, ReceivedMessage message)
            throws X {
        Causation.of(message.id(), message.headers()).call(() -> handler.handle(transaction, message));
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
            Set<String> fresh = dedup.record(transaction, group, List.of(id));
            if (fresh.isEmpty()) {
                return Handling.DUPLICATE;
            }
            work.run(transaction);
            dedup.verify(transaction);
            dedup.verifyRecorded(transaction, group, fresh);
            return Handling.HANDLED;
        });
    }

    /**
     * Runs work once per id and keeps its result: repeats get it back without running the work. For requests with an idempotency
     * key, for example a payment that a client may send again because it saw no answer.
     *
     * @param <R> the result
     * @param <X> what the work may throw
     * @param id the key, any string of 1 to 200 characters
     * @param content what the request asks for, in a form that is the same when it is repeated; only a hash (SHA-256) is kept
     * @param codec encodes the result and decodes it for repeats
     * @param resultClass the class of the result; encoded it may have 1 MiB
     * @param work called with the transaction, unless the id was handled before; its result must not be null
     * @return the result, of this call or of the first
     * @throws X what the work threw, after the roll-back: the id counts as not handled
     * @throws ContentMismatchException when the id was handled with other content
     * @throws IllegalStateException when the id was handled by a call that keeps no result
     * @throws io.outbox.InvalidMessageException when the result cannot be encoded or is too long; nothing is committed
     */
    public <R, X extends Exception> Result<R> once(
            String id, byte[] content, PayloadCodec codec, Class<R> resultClass, TransactionRunner.Work<T, R, X> work)
            throws X {
        checked("id", id);
        requireNonNull(work, "work");
        requireNonNull(resultClass, "resultClass");
        byte[] hash = sha256(content);
        return transactions.<Result<R>, X>inTransaction(transaction -> {
            Set<String> fresh = dedup.record(transaction, group, List.of(id));
            if (fresh.isEmpty()) {
                return new Result<>(codec.decode(kept(transaction, id, hash), resultClass), Handling.DUPLICATE);
            }
            R result = requireNonNull(work.run(transaction), "the result of the work");
            byte[] encoded = codec.encode(result);
            if (encoded.length > MAX_RESULT) {
                throw new InvalidMessageException("the result of id '" + id + "' has " + encoded.length
                        + " bytes, at most " + MAX_RESULT + " are kept: return a reference to it");
            }
            dedup.keepResult(transaction, group, id, new KeptResult(hash, encoded));
            dedup.verifyRecorded(transaction, group, fresh);
            return new Result<>(result, Handling.HANDLED);
        });
    }

    private byte[] kept(T transaction, String id, byte[] hash) {
        KeptResult kept = dedup.result(transaction, group, id)
                .orElseThrow(() -> new IllegalStateException("id '" + id + "' was handled by group '" + group
                        + "' without keeping a result: use ids, or a group, of their own for requests with results"));
        if (!MessageDigest.isEqual(kept.contentHash(), hash)) {
            throw new ContentMismatchException(group, id);
        }
        return kept.result();
    }

    /**
     * Makes a key for an effect outside the database, such as a call to a payment provider that takes an idempotency key. Effects
     * there may be repeated after a crash; with a key that is the same each time the other side can tell.
     *
     * @param messageId the message that is being handled
     * @param effect a name for the effect, so that several of one message have keys of their own
     * @return a UUID, always the same for the same group, message and effect (version 5, RFC 9562)
     */
    public String effectKey(String messageId, String effect) {
        return EffectKeys.key(group, requireNonNull(messageId, "messageId"), requireNonNull(effect, "effect"));
    }

    private static byte[] sha256(byte[] content) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(content);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    private static String checked(String name, String value) {
        if (requireNonNull(value, name).isBlank() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    name + " must have 1 to " + MAX_LENGTH + " characters and not be blank, had " + value.length());
        }
        // else a database may keep two of them as one, and the second would be taken for a duplicate
        if (value.indexOf('\0') >= 0 || !Utf8.canCarry(value)) {
            throw new IllegalArgumentException(
                    name + " must not contain U+0000 or half of a surrogate pair: databases cannot keep them");
        }
        return value;
    }

    /**
     * The kept result of work that takes effect once.
     *
     * @param <R> the result
     * @param value what the work returned, now or the first time
     * @param handling whether it ran now
     */
    public record Result<R>(R value, Handling handling) {}

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
