package io.outbox.spi;

import static java.util.Objects.requireNonNull;

import java.util.Set;

/**
 * What the relay asks a store to read.
 *
 * @param channel the channel
 * @param shards the shards to read, never empty
 * @param afterId only messages with a higher id
 * @param limit at most so many messages, at least 1
 * @param maxPayloadBytes a longer payload is left out, see {@link StoredMessage#isPayloadLeftOut()}
 * @param checkBlocked whether to tell which messages stand behind a parked message of their key
 */
public record ReadRequest(
        String channel, Set<Integer> shards, long afterId, int limit, int maxPayloadBytes, boolean checkBlocked) {

    /** Checks that nothing is missing. */
    public ReadRequest {
        requireNonNull(channel, "channel");
        requireNonNull(shards, "shards");
    }
}
