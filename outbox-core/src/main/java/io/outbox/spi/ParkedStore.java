package io.outbox.spi;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Messages off the hot path: retries, scheduled messages and dead letters.
 *
 * <p>A message <em>blocks</em> its key while it is in state {@link ParkedState#RETRY}, {@link ParkedState#BEHIND} or
 * {@link ParkedState#DEAD_BLOCKING}: later messages of the same channel and key must not be published before it. Within
 * a key, parked messages are ordered by the id they had in the hot table. Messages without a key block nothing.
 */
public interface ParkedStore {
    /**
     * Moves messages from the hot table, in one transaction, provided that the relay still has the leases of all their
     * shards. A message that is no longer in the hot table is passed over.
     *
     * @param relayId the relay
     * @param parkings what to move
     * @return false when a lease was lost: nothing was moved
     */
    boolean park(String relayId, Collection<Parking> parkings);

    /**
     * Returns messages that are due: scheduled ones whose time has come, and those in state RETRY or BEHIND whose time
     * has come and before which no other blocking message of their key stands.
     *
     * @param channel the channel
     * @param shards the shards, not empty
     * @param limit at most so many
     * @return due messages, by the time they became due
     */
    List<ParkedMessage> due(String channel, Set<Integer> shards, int limit);

    /**
     * Does what {@link #due} does for a caller who was told by {@link #hasBlocking} that nothing blocks a key: messages in
     * state BEHIND that have a key may be left out. Called twice a second by every idle relay, so it should cost one cheap
     * search. Finds everything else, such as a dead letter that was re-driven meanwhile.
     *
     * @param channel the channel
     * @param shards the shards, not empty
     * @param limit at most so many
     * @return due messages, by the time they became due
     */
    default List<ParkedMessage> dueWhileNothingBlocks(String channel, Set<Integer> shards, int limit) {
        return due(channel, shards, limit);
    }

    /**
     * Returns the messages that stand directly behind a parked one, in the order of the key.
     *
     * @param head a blocking message
     * @param limit at most so many
     * @return messages in state BEHIND or RETRY of the same channel and key with a higher id, up to the first that is in
     *     another blocking state
     */
    List<ParkedMessage> behind(ParkedMessage head, int limit);

    /**
     * Tells whether any message blocks a key of these shards.
     *
     * @param channel the channel
     * @param shards the shards, not empty
     * @return true when there is at least one
     */
    boolean hasBlocking(String channel, Set<Integer> shards);

    /**
     * Changes state, attempts, due time and error of a parked message after an attempt, provided that the relay still
     * has the lease of its shard.
     *
     * @param relayId the relay
     * @param message the parked message
     * @param state the new state
     * @param attempts the new number of attempts
     * @param delay until the next attempt, on the database's clock
     * @param error the reason
     * @return false when the lease or the message is gone
     */
    boolean repark(
            String relayId,
            ParkedMessage message,
            ParkedState state,
            int attempts,
            Duration delay,
            @Nullable String error);

    /**
     * Deletes parked messages that the broker has acknowledged.
     *
     * @param parkedIds their ids; unknown ones are passed over
     */
    void deleteParked(long[] parkedIds);

    /**
     * Lists parked messages, with their payloads.
     *
     * @param query which
     * @return one page
     */
    List<ParkedMessage> list(ParkedQuery query);

    /**
     * Counts parked messages of a channel.
     *
     * @param channel the channel
     * @param states in these states
     * @return how many
     */
    long count(String channel, Set<ParkedState> states);

    /**
     * Makes selected messages due, in the order of the query, in one transaction: state RETRY, no attempts, the last
     * error kept.
     *
     * @param query which; at most its limit
     * @param spacing the n-th message becomes due after n times this, so that a mass of them does not arrive at once; zero
     *     for all at once
     * @return how many
     */
    int redrive(ParkedQuery query, Duration spacing);

    /**
     * Deletes selected messages for good, in one transaction.
     *
     * @param query which; at most its limit
     * @return how many
     */
    int discard(ParkedQuery query);
}
