package io.outbox.simulation;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;

/**
 * A publisher on a bad network: messages wait in a queue, reach the broker in portions, are acknowledged late, in any
 * order across keys, or never; it gives up, and refuses. It keeps the rules that {@link Publisher} states. Killed, it
 * still delivers some of what it had in its buffers.
 */
final class SimulatedPublisher implements Publisher {
    private final World world;
    private final Broker broker;
    private final ProcessExecutor process;
    private final boolean keepsOrder;
    private final Deque<Pending> queue = new ArrayDeque<>();
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
    }

    private final List<Pending> unacknowledged = new ArrayList<>();

    SimulatedPublisher(World world, Broker broker, ProcessExecutor process, boolean keepsOrder) {
        this.world = world;
        this.broker = broker;
        this.process = process;
        this.keepsOrder = keepsOrder;
    }

    @Override
    public void publish(StoredMessage message, Confirmation confirmation) {
        Pending pending = new Pending(message, confirmation);
        if (givingUp || broker.isDown() && world.oneIn(3)) {
            answer(pending, PublishOutcome.channelUnavailable(new IllegalStateException("broker is away")));
            return;
        }
        PublishOutcome refusal = world.oneIn(3) ? broker.refusal(message) : null;
        if (refusal != null && queue.stream().noneMatch(other -> sameKey(other, pending))) {
            answer(pending, refusal);
            return;
        }
        queue.add(pending);
        pump();
    }

    private void pump() {
        if (!pumping) {
            pumping = true;
            world.after(world.between(0, 20), this::deliverSome);
        }
    }

    /** The network goes on for a while after the process was killed, not while it is stopped. */
    private void deliverSome() {
        pumping = false;
        if (!process.isAlive() && world.oneIn(3)) {
            queue.clear();
            return;
        }
        if (broker.isDown() || world.oneIn(60)) {
            if (world.oneIn(2)) {
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
        PublishOutcome refusal = broker.refusal(pending.message);
        if (refusal != null) {
            List<Pending> sameKey = new ArrayList<>(List.of(pending));
            if (!(refusal instanceof PublishOutcome.RejectedForGood)) {
                queue.stream().filter(other -> sameKey(other, pending)).forEach(sameKey::add);
                queue.removeAll(sameKey);
            }
            sameKey.forEach(one -> answer(one, refusal));
            return;
        }
        broker.deliver(pending.message);
        unacknowledged.add(pending);
        world.after(world.between(0, 30), () -> {
            if (unacknowledged.remove(pending)) {
                answer(pending, PublishOutcome.published());
            }
        });
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
        if (process.isAlive() && !pending.answered) {
            pending.answered = true;
            pending.confirmation.complete(outcome);
        }
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
