package io.outbox.simulation;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.StoredMessage;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The simulated broker: keeps what arrived, in order, and refuses some destinations and messages for a while or for good. */
final class Broker {
    private final World world;
    /** First deliveries, by key. */
    final Map<String, List<String>> firstByKey = new HashMap<>();

    final Set<String> delivered = new LinkedHashSet<>();
    final Set<String> refusedForGood = new HashSet<>();
    final List<String> early = new ArrayList<>();
    int deliveries;
    private boolean down;
    private final Set<String> refusedDestinations = new HashSet<>();
    private final Set<String> unavailableDestinations = new HashSet<>();

    Broker(World world) {
        this.world = world;
    }

    boolean isDown() {
        return down;
    }

    void goDown(boolean now) {
        down = now;
    }

    void refuse(String destination, boolean unavailable) {
        (unavailable ? unavailableDestinations : refusedDestinations).add(destination);
    }

    void heal() {
        down = false;
        refusedDestinations.clear();
        unavailableDestinations.clear();
    }

    void accept(String destination) {
        refusedDestinations.remove(destination);
        unavailableDestinations.remove(destination);
    }

    @Nullable
    PublishOutcome refusal(StoredMessage message) {
        String destination = message.message().destination();
        if (message.message().type().equals("poison")) {
            refusedForGood.add(message.message().messageId());
            return PublishOutcome.rejectedForGood(new IllegalArgumentException("too large"));
        }
        if (refusedDestinations.contains(destination)) {
            return PublishOutcome.rejectedForNow(new IllegalStateException("unknown destination"));
        }
        if (unavailableDestinations.contains(destination)) {
            return PublishOutcome.destinationUnavailable(new IllegalStateException("no leader"));
        }
        return null;
    }

    void deliver(StoredMessage message) {
        deliveries++;
        Instant due = message.message().deliverAt();
        if (due != null && world.clock.instant().isBefore(due)) {
            early.add(message.message().messageId());
        }
        if (delivered.add(message.message().messageId()) && message.message().key() != null && due == null) {
            firstByKey
                    .computeIfAbsent(message.message().key(), key -> new ArrayList<>())
                    .add(message.message().messageId());
        }
    }
}
