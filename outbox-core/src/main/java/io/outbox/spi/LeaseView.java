package io.outbox.spi;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.SortedSet;

/**
 * Who is alive on a channel and who has which shard.
 *
 * @param relays ids of the relays whose heartbeat has not expired
 * @param leases one for each shard, ascending
 */
public record LeaseView(SortedSet<String> relays, List<Lease> leases) {
    /** Checks that nothing is missing. */
    public LeaseView {
        requireNonNull(relays, "relays");
        requireNonNull(leases, "leases");
    }
}
