package io.outbox.spi;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Selects parked messages. Every condition that is not null must hold; results come by ascending {@code parkedId}.
 *
 * @param channel the channel; null for all
 * @param states the states, not empty
 * @param destination the destination; null for all
 * @param key the key; null for all
 * @param messageId the message id; null for all
 * @param errorContains a part of the last error; null for all
 * @param olderThan at least so long parked; null for all
 * @param afterParkedId only higher ids: the last one of the page before, 0 for the first page
 * @param limit at most so many, 1 to 10,000
 */
public record ParkedQuery(
        @Nullable String channel,
        Set<ParkedState> states,
        @Nullable String destination,
        @Nullable String key,
        @Nullable String messageId,
        @Nullable String errorContains,
        @Nullable Duration olderThan,
        long afterParkedId,
        int limit) {

    /** Checks the ranges. */
    public ParkedQuery {
        requireNonNull(states, "states");
        if (states.isEmpty()) {
            throw new IllegalArgumentException("states must not be empty");
        }
        if (limit < 1 || limit > 10_000) {
            throw new IllegalArgumentException("limit must be 1 to 10000, was " + limit);
        }
        states = Set.copyOf(states);
    }

    /**
     * Selects the first 100 dead letters of all channels; narrow it with the {@code with} methods.
     *
     * @return a query
     */
    public static ParkedQuery deadLetters() {
        return inState(ParkedState.DEAD, ParkedState.DEAD_BLOCKING);
    }

    /**
     * Selects the first 100 messages in these states, of all channels.
     *
     * @param first a state
     * @param more other states
     * @return a query
     */
    public static ParkedQuery inState(ParkedState first, ParkedState... more) {
        return new ParkedQuery(null, EnumSet.of(first, more), null, null, null, null, null, 0, 100);
    }

    /**
     * Returns this query for one channel.
     *
     * @param value the channel
     * @return a query
     */
    public ParkedQuery withChannel(String value) {
        return new ParkedQuery(
                value, states, destination, key, messageId, errorContains, olderThan, afterParkedId, limit);
    }

    /**
     * Returns this query for one destination.
     *
     * @param value the destination
     * @return a query
     */
    public ParkedQuery withDestination(String value) {
        return new ParkedQuery(channel, states, value, key, messageId, errorContains, olderThan, afterParkedId, limit);
    }

    /**
     * Returns this query for one key.
     *
     * @param value the key
     * @return a query
     */
    public ParkedQuery withKey(String value) {
        return new ParkedQuery(
                channel, states, destination, value, messageId, errorContains, olderThan, afterParkedId, limit);
    }

    /**
     * Returns this query for one message id.
     *
     * @param value the message id
     * @return a query
     */
    public ParkedQuery withMessageId(String value) {
        return new ParkedQuery(
                channel, states, destination, key, value, errorContains, olderThan, afterParkedId, limit);
    }

    /**
     * Returns this query for messages whose last error contains a text.
     *
     * @param value a part of the error, case-sensitive
     * @return a query
     */
    public ParkedQuery withErrorContaining(String value) {
        return new ParkedQuery(channel, states, destination, key, messageId, value, olderThan, afterParkedId, limit);
    }

    /**
     * Returns this query for messages that have been parked for some time.
     *
     * @param value at least so long, on the database's clock
     * @return a query
     */
    public ParkedQuery withOlderThan(Duration value) {
        return new ParkedQuery(
                channel, states, destination, key, messageId, errorContains, value, afterParkedId, limit);
    }

    /**
     * Returns the query for another page.
     *
     * @param after the last {@code parkedId} of the page before
     * @param size messages a page, 1 to 10,000
     * @return a query
     */
    public ParkedQuery withPage(long after, int size) {
        return new ParkedQuery(channel, states, destination, key, messageId, errorContains, olderThan, after, size);
    }
}
