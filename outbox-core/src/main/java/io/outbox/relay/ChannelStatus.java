package io.outbox.relay;

import static java.util.Objects.requireNonNull;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * What a relay is doing on one channel. Immutable.
 *
 * @param channel the channel
 * @param leases the shards this relay has
 * @param inFlight messages read and not yet deleted or parked
 * @param inFlightBytes bytes of their payloads
 * @param oldestWaiting how long the oldest message in the hot table has been waiting, on the database's clock; empty when
 *     none waits
 * @param circuit whether the broker is available
 * @param circuitCause why it is not; empty when it is
 * @param published messages published since the start
 * @param publishedPerSecond the rate over the last seconds
 * @param parked messages waiting for retry, behind one that does, or for their time; of all relays
 * @param deadLetters dead letters; of all relays
 * @param lastFailure the last failure of a part that has not succeeded since; empty when all is well
 */
public record ChannelStatus(
        String channel,
        Set<Integer> leases,
        int inFlight,
        long inFlightBytes,
        Optional<Duration> oldestWaiting,
        CircuitState circuit,
        Optional<String> circuitCause,
        long published,
        double publishedPerSecond,
        long parked,
        long deadLetters,
        Optional<String> lastFailure) {
    /** Checks that nothing is missing. */
    public ChannelStatus {
        requireNonNull(channel, "channel");
        leases = Set.copyOf(leases);
    }
}
