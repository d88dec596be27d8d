package io.outbox.spi;

import java.time.Duration;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;

/**
 * Remembers which messages a consumer group has handled.
 *
 * @param <T> the handle of a transaction, for JDBC a {@code java.sql.Connection}
 */
public interface DedupStore<T> {
    /**
     * Records messages as handled, in the consumer's transaction: they count if it commits. Where another open
     * transaction has recorded one of them, this call waits for its end. Never fails because of a duplicate, and never
     * spoils the transaction by one.
     *
     * @param transaction the consumer's open transaction
     * @param consumerGroup the group
     * @param messageIds ids, any strings of 1 to 200 characters
     * @return those that were new
     */
    Set<String> record(T transaction, String consumerGroup, Collection<String> messageIds);

    /**
     * Fails if the transaction can no longer commit what was recorded in it, though its end would not tell: asked after each handler,
     * which may have caught the failure of a statement. Does nothing by default.
     *
     * @param transaction the consumer's open transaction
     */
    default void verify(T transaction) {}

    /**
     * Fails if the transaction is not the one any more in which messages were recorded, since the database has ended that one by itself
     * and begun another: what the handlers did since would be committed without the record. Asked once, before the commit. Does nothing
     * by default; a store that hands its calls on to another must hand this one on too.
     *
     * @param transaction the consumer's open transaction
     * @param consumerGroup the group
     * @param recorded what one call of {@link #record} returned as new in this transaction, not empty
     */
    default void verifyRecorded(T transaction, String consumerGroup, Set<String> recorded) {}

    /**
     * Keeps a result with a message that this transaction has recorded.
     *
     * @param transaction the consumer's open transaction
     * @param consumerGroup the group
     * @param messageId an id that {@link #record} returned as new in this transaction
     * @param result what to keep
     */
    void keepResult(T transaction, String consumerGroup, String messageId, KeptResult result);

    /**
     * Returns the result that was kept with a message, after {@link #record} has told in the same transaction that it is not new.
     *
     * @param transaction the consumer's open transaction
     * @param consumerGroup the group
     * @param messageId the id
     * @return empty when none was kept, or the message is not recorded
     */
    Optional<KeptResult> result(T transaction, String consumerGroup, String messageId);

    /**
     * Forgets messages that were handled long ago, in a transaction of its own. A duplicate that arrives later takes
     * effect again.
     *
     * @param olderThan the age, on the database's clock; longer than the broker can hold a message back
     * @param limit at most so many
     * @return how many were forgotten; fewer than the limit when none is left
     */
    int purge(Duration olderThan, int limit);
}
