package io.outbox.spi;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Keeps messages from the caller's commit until the broker has them.
 *
 * <p>{@link #append} runs in the caller's transaction; every other method runs in a transaction of its own that is
 * finished when it returns. All methods block, may be called by several threads at once, and throw
 * {@link io.outbox.TransientStoreException} for what may pass and {@link io.outbox.StoreException} for the rest; after a
 * throw the effect is unknown, and the relay repeats the call.
 *
 * @param <T> the handle of a caller's transaction, for JDBC a {@code java.sql.Connection}
 */
public interface OutboxStore<T> extends LeaseStore, ParkedStore, ArchiveStore {
    /**
     * Writes messages in the caller's transaction. A message with {@code deliverAt} goes to the parked messages.
     *
     * @param transaction the caller's open transaction; neither committed nor rolled back here
     * @param messages what to write, in this order
     * @throws io.outbox.NoTransactionException when there is no open transaction to join
     */
    void append(T transaction, List<OutboxRecord> messages);

    /**
     * Registers a listener for commits of appended messages that this store object knows of. It is a hint that saves a
     * poll, no promise. The listener gets the channel, on the committing thread, and must return at once.
     *
     * @param listener called after a commit, with a channel that has new messages
     * @return ends the registration when run; repeating it does nothing
     */
    Runnable onCommit(Consumer<String> listener);

    /**
     * Returns the number of shards, fixed when the tables were created.
     *
     * @return at least 1
     */
    int shards();

    /**
     * Reads messages by ascending id.
     *
     * @param request what to read
     * @return what was visible
     */
    ReadResult read(ReadRequest request);

    /**
     * Lists ids in a range, so that messages that were committed late can be found without reading payloads.
     *
     * @param channel the channel
     * @param shards the shards
     * @param afterId lower bound, exclusive
     * @param upToId upper bound, inclusive
     * @param limit at most so many; the lowest ids come first
     * @return ids, ascending
     */
    long[] idsBetween(String channel, Set<Integer> shards, long afterId, long upToId, int limit);

    /**
     * Loads messages by id, with their payloads. Ids that are gone are left out.
     *
     * @param ids the ids
     * @return the messages found, ascending by id, with the blocked ones among them
     */
    ReadResult load(long[] ids);

    /**
     * Deletes messages that the broker has acknowledged. Deleting an id that is gone does nothing.
     *
     * @param ids the ids
     * @return the number of the transaction that deleted, in the terms of {@link WriterSnapshot}: every transaction that
     *     had written before this call has a lower one; empty where the database has no such numbers, or they are ids
     */
    OptionalLong delete(long[] ids);

    /**
     * Returns how long the oldest waiting message of a channel has been waiting in the hot table, on the database's
     * clock.
     *
     * @param channel the channel
     * @return its age; empty when none waits
     */
    Optional<Duration> oldestWaiting(String channel);
}
