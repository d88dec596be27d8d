package io.outbox.simulation;

import io.outbox.TransactionRunner;
import io.outbox.TransientStoreException;
import io.outbox.consumer.Handling;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.Outcome;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.consumer.RetryLaterException;
import io.outbox.simulation.History.What;
import io.outbox.spi.DedupStore;
import io.outbox.spi.OutboxRecord;
import io.outbox.testkit.InMemoryTransaction;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * One consumer group of several processes. The broker delivers each message late or twice, and again until it is
 * acknowledged: when a consumer dies, is stopped for too long, fails, or its acknowledgement is lost. A consumer that was
 * stopped goes on where it was, while another has its messages.
 */
final class Consumers {
    private static final int PROCESSES = 2;

    private final World world;
    private final History history;
    private final String group;
    private final IdempotentConsumer<InMemoryTransaction> consumer;
    private final boolean acknowledgesFirst;
    private final List<OutboxRecord> ready = new ArrayList<>();
    private final List<SimulatedProcess> processes = new ArrayList<>();
    /** Who has which deliveries that it has not acknowledged. */
    private final Map<SimulatedProcess, List<OutboxRecord>> taken = new LinkedHashMap<>();

    private int started;
    private int onTheirWay;
    private boolean healed;

    Consumers(
            World world,
            History history,
            String group,
            TransactionRunner<InMemoryTransaction> transactions,
            DedupStore<InMemoryTransaction> dedup,
            boolean acknowledgesFirst) {
        this.world = world;
        this.history = history;
        this.group = group;
        this.acknowledgesFirst = acknowledgesFirst;
        consumer = IdempotentConsumer.of(group, transactions, dedup);
        for (int i = 0; i < PROCESSES; i++) {
            startOne();
        }
    }

    /** From the broker. */
    void arrived(OutboxRecord message) {
        deliver(message, world.oneIn(50) ? 5000 : 30);
        if (world.oneIn(15)) {
            deliver(message, 3000);
        }
    }

    boolean isIdle() {
        return ready.isEmpty() && onTheirWay == 0 && taken.values().stream().allMatch(List::isEmpty);
    }

    SimulatedProcess anyProcess() {
        return processes.get(world.random.nextInt(processes.size()));
    }

    /** Replaces dead processes; their messages are delivered again. */
    void replaceTheDead() {
        for (SimulatedProcess process : List.copyOf(processes)) {
            if (!process.isAlive()) {
                processes.remove(process);
                giveBack(process);
                startOne();
            }
        }
    }

    void heal() {
        healed = true;
        processes.forEach(SimulatedProcess::resume);
        replaceTheDead();
    }

    private void startOne() {
        SimulatedProcess process = new SimulatedProcess(world, group + "-" + ++started);
        processes.add(process);
        taken.put(process, new ArrayList<>());
        pollLater(process, 20);
    }

    private void deliver(OutboxRecord message, int millis) {
        onTheirWay++;
        world.after(world.between(0, millis), () -> {
            onTheirWay--;
            ready.add(message);
        });
    }

    /** The broker takes unacknowledged messages from a process that it does not hear of. */
    private void giveBack(SimulatedProcess process) {
        List<OutboxRecord> back = taken.getOrDefault(process, List.of());
        taken.put(process, new ArrayList<>());
        back.forEach(message -> deliver(message, 500));
    }

    private void pollLater(SimulatedProcess process, int millis) {
        world.after(world.between(1, millis), () -> process.run(() -> poll(process)));
    }

    private void poll(SimulatedProcess process) {
        List<OutboxRecord> batch = new ArrayList<>();
        for (int n = 1 + world.random.nextInt(10); n > 0 && !ready.isEmpty(); n--) {
            batch.add(ready.remove(world.oneIn(4) ? world.random.nextInt(ready.size()) : 0));
        }
        if (batch.isEmpty()) {
            pollLater(process, 200);
            return;
        }
        List<OutboxRecord> mine = taken.computeIfAbsent(process, p -> new ArrayList<>());
        mine.addAll(batch);
        world.after(world.between(200, 2000), () -> expireIfHeldBy(process, mine));
        if (acknowledgesFirst) {
            batch.forEach(mine::remove);
        }
        if (world.oneIn(2)) {
            handleAll(batch, mine);
        } else {
            batch.forEach(message -> handle(message, mine));
        }
        pollLater(process, 40);
    }

    /** A session that has timed out; its process may go on with what it holds. */
    private void expireIfHeldBy(SimulatedProcess process, List<OutboxRecord> mine) {
        if (taken.get(process) == mine && !mine.isEmpty()) {
            giveBack(process);
        }
    }

    private void handle(OutboxRecord message, List<OutboxRecord> mine) {
        try {
            Handling handling = consumer.handle(received(message), this::work);
            done(message, mine, handling == Handling.DUPLICATE);
        } catch (RuntimeException e) {
            failed(message, mine);
        }
    }

    private void handleAll(List<OutboxRecord> batch, List<OutboxRecord> mine) {
        List<Outcome> outcomes =
                consumer.handleAll(batch.stream().map(Consumers::received).toList(), this::work);
        for (int i = 0; i < batch.size(); i++) {
            if (outcomes.get(i).isDone()) {
                done(batch.get(i), mine, outcomes.get(i).kind() == Outcome.Kind.DUPLICATE);
            } else {
                failed(batch.get(i), mine);
            }
        }
    }

    /** The business of the handler: one row in a table of its database. */
    private void work(InMemoryTransaction transaction, ReceivedMessage message) {
        if (!healed && world.oneIn(40)) {
            throw world.oneIn(2) ? new RetryLaterException("later") : new IllegalStateException("handler failed");
        }
        transaction.onCommit(() -> history.add(What.EFFECT, group, message.id()));
        if (!healed && world.maySleep() && world.oneIn(30)) {
            world.sleep(world.between(0, 300));
            SimulatedProcess self = world.current();
            if (self != null) {
                self.dieIfKilled();
            }
        }
        if (!healed && world.oneIn(40)) {
            throw new TransientStoreException("the handler's own statement failed");
        }
    }

    private void done(OutboxRecord message, List<OutboxRecord> mine, boolean duplicate) {
        if (duplicate) {
            history.add(What.SKIPPED, group, message.messageId());
        }
        if (healed || !world.oneIn(20)) { // else the acknowledgement is lost
            mine.remove(message);
        }
    }

    private void failed(OutboxRecord message, List<OutboxRecord> mine) {
        if (mine.remove(message)) {
            deliver(message, 500);
        }
    }

    private static ReceivedMessage received(OutboxRecord message) {
        return new ReceivedMessage(
                message.messageId(),
                message.destination(),
                message.key(),
                message.type(),
                null,
                message.contentType(),
                null,
                message.headers(),
                message.payload(),
                1);
    }
}
