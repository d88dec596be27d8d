package io.outbox.relay;

import io.outbox.spi.OutboxStore;
import io.outbox.spi.Parking;
import io.outbox.spi.RelayListener;
import java.util.List;

/**
 * Moves refused messages, and those behind them, from the hot table to the parked ones, in the order of their ids. The
 * store checks the leases in the same transaction.
 */
final class ParkPass implements PassLoop.Pass {
    private static final long LOOK_AGAIN_NANOS = 10_000_000;

    private final OutboxStore<?> store;
    private final RelaySettings settings;
    private final Leases leases;
    private final Window window;
    private final BlockedKeys blockedKeys;
    private final RelayListener listener;
    private final Runnable onParked;

    ParkPass(
            OutboxStore<?> store,
            RelaySettings settings,
            Leases leases,
            Window window,
            BlockedKeys blockedKeys,
            RelayListener listener,
            Runnable onParked) {
        this.store = store;
        this.settings = settings;
        this.leases = leases;
        this.window = window;
        this.blockedKeys = blockedKeys;
        this.listener = listener;
        this.onParked = onParked;
    }

    @Override
    public long run() {
        window.giveBackRefused(leases::holds);
        List<Refusals.Refused> refused = window.refused(settings.batchSize());
        String relayId = leases.relayId();
        if (refused.isEmpty() && relayId != null && window.hasRefused()) {
            return LOOK_AGAIN_NANOS; // they wait for earlier messages of their keys
        }
        if (refused.isEmpty() || relayId == null) {
            return PassLoop.UNTIL_WOKEN;
        }
        List<Parking> parkings = refused.stream().map(Refusals.Refused::parking).toList();
        if (park(relayId, parkings)) {
            window.parked(refused);
            parkings.forEach(this::report);
        } else {
            leases.lost(
                    relayId); // so they are given back, unless the relay has meanwhile come back and parks them then
        }
        onParked.run();
        return 0;
    }

    /** Whatever comes of it, blocked keys are assumed before the window lets go of these. */
    private boolean park(String relayId, List<Parking> parkings) {
        try {
            return store.park(relayId, parkings);
        } finally {
            blockedKeys.assume();
        }
    }

    private void report(Parking parking) {
        listener.onParked(
                parking.message(),
                parking.state(),
                parking.error() == null ? "waits behind an earlier message of its key" : parking.error());
    }
}
