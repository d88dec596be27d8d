package io.outbox.simulation;

import io.outbox.simulation.History.What;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A publisher on a bad network: messages wait in a queue, reach the broker in portions, are acknowledged late, in any
 * order across keys, or never; it gives up, and refuses. It keeps the rules that {@link Publisher} states. Killed or
 * stopped, it still delivers some of what it had in its buffers.
 */
final class SimulatedPublisher implements Publisher {
    private final World world;
    private final History history;
    private final Broker broker;
    private final SimulatedProcess process;
    private final boolean keepsOrder;
    private final Deque<Pending> queue = new ArrayDeque<>();
    private final List<Pending> unacknowledged = new ArrayList<>();
    private boolean pumping;
    private boolean givingUp;

    private static final class Pending {
        final StoredMessage message;
        final Confirmation confirmation;
        boolean answered;

        Pending(StoredMessage message, Confirmation confirmation) {
            this.message = message;
            this.confirmation = confirmation;
        }

        String id() {
            return message.message().messageId();
        }
    }

    SimulatedPublisher(World world, History history, Broker broker, SimulatedProcess process, boolean keepsOrder) {
        this.world = world;
        this.history = history;
        this.broker = broker;
        this.process = process;
        this.keepsOrder = keepsOrder;
    }

    @Override
    public void publish(StoredMessage message, Confirmation confirmation) {
        if (broker.isTroubled() && world.oneIn(4000)) {
            history.trouble(process.name, "killed while it publishes");
            process.kill();
        }
        process.dieIfKilled();
        Pending pending = new Pending(message, confirmation);
        history.add(What.HANDED_OVER, process.name, pending.id());
        if (givingUp || broker.isDown() && world.oneIn(3)) {
            answer(pending, PublishOutcome.channelUnavailable(new IllegalStateException("broker is away")));
            return;
        }
        PublishOutcome refusal = world.oneIn(3) ? refusal(pending) : null;
        if (refusal != null && queue.stream().noneMatch(other -> sameKey(other, pending))) {
            answer(pending, refusal);
            return;
        }
        queue.add(pending);
        pump();
    }

    private @Nullable PublishOutcome refusal(Pending pending) {
        PublishOutcome refusal = broker.refusal(pending.message);
        if (refusal instanceof PublishOutcome.RejectedForGood) {
            history.add(What.REFUSED, process.name, pending.id());
        }
        return refusal;
    }

    private void pump() {
        if (!pumping) {
            pumping = true;
            world.after(world.between(0, 20), this::deliverSome);
        }
    }

    /** The network goes on for a while after the process was killed or stopped. */
    private void deliverSome() {
        pumping = false;
        if (!process.isAlive() && world.oneIn(3)) {
            queue.clear();
            return;
        }
        if (broker.isDown() || broker.isTroubled() && world.oneIn(60)) {
            if (world.oneIn(2) && !process.isPaused()) {
                giveUp();
            }
        } else {
            for (int n = world.random.nextInt(40); n > 0 && !queue.isEmpty(); n--) {
                deliver(takeNext());
            }
        }
        if (!queue.isEmpty()) {
            pump();
        }
    }

    private Pending takeNext() {
        if (keepsOrder) {
            return queue.remove();
        }
        List<Pending> any = new ArrayList<>(queue);
        Pending chosen = any.get(world.random.nextInt(any.size()));
        queue.remove(chosen);
        return chosen;
    }

    private void deliver(Pending pending) {
        PublishOutcome refusal = refusal(pending);
        if (refusal != null) {
            refuse(pending, refusal);
            return;
        }
        broker.take(pending.message);
        unacknowledged.add(pending);
        world.after(
                broker.acknowledging(),
                () -> process.run(() -> {
                    if (unacknowledged.remove(pending)) {
                        answer(pending, PublishOutcome.published());
                    }
                }));
    }

    /** What is behind it has not reached the broker, and does not before the relay knows. */
    private void refuse(Pending pending, PublishOutcome refusal) {
        if (process.isPaused()) {
            queue.addFirst(pending); // it cannot be told; the connection stands still
            return;
        }
        List<Pending> sameKey = new ArrayList<>(List.of(pending));
        if (!(refusal instanceof PublishOutcome.RejectedForGood)) {
            queue.stream().filter(other -> sameKey(other, pending)).forEach(sameKey::add);
            queue.removeAll(sameKey);
        }
        sameKey.forEach(one -> answer(one, refusal));
    }

    private static boolean sameKey(Pending a, Pending b) {
        String key = a.message.message().key();
        return key != null && Objects.equals(key, b.message.message().key());
    }

    private void giveUp() {
        givingUp = true;
        List<Pending> all = new ArrayList<>(unacknowledged);
        all.addAll(queue);
        unacknowledged.clear();
        queue.clear();
        all.forEach(one ->
                answer(one, PublishOutcome.channelUnavailable(new IllegalStateException("gave up after a time-out"))));
        givingUp = false;
    }

    private void answer(Pending pending, PublishOutcome outcome) {
        process.run(() -> {
            if (!pending.answered) {
                pending.answered = true;
                history.add(What.ANSWERED, process.name, pending.id());
                pending.confirmation.complete(outcome);
            }
        });
    }

    @Override
    public boolean keepsOrder() {
        return keepsOrder;
    }

    @Override
    public void close() {
        giveUp();
    }
}
