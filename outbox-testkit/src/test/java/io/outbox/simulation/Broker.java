package io.outbox.simulation;

import io.outbox.simulation.History.What;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The simulated broker: takes messages, hands them to consumer groups, and refuses some for a while or for good. */
final class Broker {
    private final World world;
    private final History history;
    private final List<Consumer<OutboxRecord>> groups = new ArrayList<>();
    private final Set<String> refusedDestinations = new HashSet<>();
    private final Set<String> unavailableDestinations = new HashSet<>();
    private boolean down;
    private boolean slow;
    private boolean troubled = true;

    Broker(World world, History history) {
        this.world = world;
        this.history = history;
    }

    void subscribe(Consumer<OutboxRecord> group) {
        groups.add(group);
    }

    boolean isDown() {
        return down;
    }

    /** Whether connections break and publishers die. */
    boolean isTroubled() {
        return troubled;
    }

    /** How long an acknowledgement takes. */
    Duration acknowledging() {
        return slow ? world.between(200, 3000) : world.between(0, 30);
    }

    void goDown(Duration time) {
        history.trouble("broker", "down");
        down = true;
        world.after(time, () -> down = false);
    }

    void acknowledgeSlowly(Duration time) {
        history.trouble("broker", "slow");
        slow = true;
        world.after(time, () -> slow = false);
    }

    void refuse(String destination, boolean unavailable) {
        history.trouble("broker", (unavailable ? "has not " : "refuses ") + destination);
        (unavailable ? unavailableDestinations : refusedDestinations).add(destination);
    }

    void accept(String destination) {
        refusedDestinations.remove(destination);
        unavailableDestinations.remove(destination);
    }

    void heal() {
        troubled = false;
        down = false;
        slow = false;
        refusedDestinations.clear();
        unavailableDestinations.clear();
    }

    @Nullable
    PublishOutcome refusal(StoredMessage message) {
        String destination = message.message().destination();
        if (message.message().type().equals(Writers.POISON)) {
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

    void take(StoredMessage message) {
        history.add(What.ARRIVED, "broker", message.message().messageId());
        groups.forEach(group -> group.accept(message.message()));
    }
}
