package io.outbox.spi;

import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/**
 * Keeps published messages for a time, where a relay is told to by its retention. Every call is a transaction of its own.
 *
 * <p>Throws {@link io.outbox.StoreException} when the database fails; {@link io.outbox.TransientStoreException} when the same
 * call may succeed later.
 */
public interface ArchiveStore {
    /**
     * Does what {@link OutboxStore#delete} does and keeps a copy of each message, in one transaction.
     *
     * @param ids the ids; those that are gone are passed over
     * @return as {@link OutboxStore#delete}
     */
    OptionalLong archive(long[] ids);

    /**
     * Does what {@link ParkedStore#deleteParked} does and keeps a copy of each message, in one transaction.
     *
     * @param parkedIds their ids; unknown ones are passed over
     */
    void archiveParked(long[] parkedIds);

    /**
     * Finds what is kept of a message.
     *
     * @param messageId the message's id
     * @return its copies, the oldest first; empty when it was not published, or is kept no more. Ids that callers chose may
     *     occur more than once
     */
    List<ArchivedMessage> archived(String messageId);

    /**
     * Deletes copies that are older than a time, on the database's clock; the oldest first.
     *
     * @param age how old; not negative
     * @param limit at most so many
     * @return how many
     */
    int purgeArchive(Duration age, int limit);
}
