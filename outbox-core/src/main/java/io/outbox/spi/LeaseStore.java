package io.outbox.spi;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Leases of shards, on the database's clock. A relay has one heartbeat a channel; its leases live as long as that. A
 * relay id is used once: whoever lost its heartbeat comes back under a new id.
 */
public interface LeaseStore {
    /**
     * Enters a relay and makes sure that the channel has a lease row for each shard.
     *
     * @param channel the channel
     * @param relayId a new id
     * @param leaseTime how long the heartbeat is good for
     */
    void join(String channel, String relayId, Duration leaseTime);

    /**
     * Extends a relay's heartbeat, removes relays whose own has expired, and looks around.
     *
     * @param channel the channel
     * @param relayId the relay
     * @param leaseTime how long the heartbeat is good for from now
     * @return who is there; empty when this relay had expired and been removed: it owns nothing any more
     */
    Optional<LeaseView> heartbeat(String channel, String relayId, Duration leaseTime);

    /**
     * Takes free shards: those without an owner, or whose owner is not alive. Each is compared and set on its epoch, so
     * that of two relays one gets it.
     *
     * @param channel the channel
     * @param relayId the relay, alive
     * @param leases the leases as they were seen
     * @return those that were taken, with their new epoch
     */
    List<Lease> claim(String channel, String relayId, Collection<Lease> leases);

    /**
     * Gives shards back.
     *
     * @param channel the channel
     * @param relayId the owner
     * @param shards shards; those it does not own are left alone
     */
    void release(String channel, String relayId, Set<Integer> shards);

    /**
     * Gives all shards back and removes the relay. Does nothing when it is not there.
     *
     * @param channel the channel
     * @param relayId the relay
     */
    void leave(String channel, String relayId);
}
