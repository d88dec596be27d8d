package io.outbox.spi;

import java.util.Set;

/**
 * Hears what a relay does, for metrics and logs. Called on the relay's threads, which wait for it: it must return at
 * once. An exception is logged and changes nothing.
 */
public interface RelayListener {
    /**
     * The broker has acknowledged messages and they have been deleted from the hot table.
     *
     * @param channel the channel
     * @param messages how many
     */
    void onPublished(String channel, int messages);

    /**
     * A message was taken off the hot path, or failed again there.
     *
     * @param message the message
     * @param state where it is now; {@link ParkedState#DEAD} or {@link ParkedState#DEAD_BLOCKING} is a dead letter
     * @param reason why
     */
    void onParked(StoredMessage message, ParkedState state, String reason);

    /**
     * The channel's circuit opened: the broker is unavailable.
     *
     * @param channel the channel
     * @param cause why
     */
    void onCircuitOpened(String channel, Throwable cause);

    /**
     * The channel's circuit closed again.
     *
     * @param channel the channel
     */
    void onCircuitClosed(String channel);

    /**
     * The relay's leases changed.
     *
     * @param channel the channel
     * @param shards the shards it has now
     */
    void onLeasesChanged(String channel, Set<Integer> shards);

    /**
     * A part of the relay failed, mostly at the database; it goes on after a pause.
     *
     * @param channel the channel
     * @param pass which part
     * @param cause why
     */
    void onFailure(String channel, String pass, Throwable cause);
}
