package io.outbox.simulation;

import io.outbox.Outbox;
import io.outbox.OutboxException;
import io.outbox.TransactionRunner;
import io.outbox.simulation.History.What;
import io.outbox.spi.DedupStore;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.testkit.InMemoryDedupStore;
import io.outbox.testkit.InMemoryOutboxStore;
import io.outbox.testkit.InMemoryTransaction;
import io.outbox.testkit.InMemoryTransactions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * One run: writers, relays, a broker and consumers in one thread on a simulated clock, all from one seed. First a time of
 * trouble, then a time in which nothing fails but one destination, then all is well until all is done.
 */
final class Simulation {
    private static final Duration TROUBLE = Duration.ofSeconds(18);
    private static final Duration CALM = Duration.ofSeconds(22);
    private static final Duration PATIENCE = Duration.ofMinutes(20);
    private static final int SHARDS = 8;

    private final World world;
    private final History history;
    private final Options options;
    private final Broker broker;
    private final InMemoryTransactions database;
    private final InMemoryOutboxStore store;
    private final Relays relays;
    private final Writers writers;
    private final List<Consumers> consumers = new ArrayList<>();
    private final List<String> groups = new ArrayList<>();
    private final DatabaseTrouble outboxTrouble;
    private final DatabaseTrouble consumersTrouble;
    private final String deadDestination;
    private final Instant start;
    private final Misfortunes misfortunes;

    Simulation(long seed) {
        this(seed, new Wiring());
    }

    Simulation(long seed, Wiring wiring) {
        world = new World(seed);
        start = world.clock.instant();
        history = new History(world);
        options = Options.drawn(world);
        broker = new Broker(world, history);
        database = new InMemoryTransactions(world.clock);
        outboxTrouble = new DatabaseTrouble(world, history, "outbox-db");
        database.faults().onOperation(outboxTrouble);
        store = new InMemoryOutboxStore(database, SHARDS);
        relays = new Relays(world, history, options, wiring, store, broker);
        Outbox<InMemoryTransaction> outbox =
                Outbox.builder(wiring.writersStore(store, database, world)).build();
        writers = new Writers(world, history, database, outbox);
        consumersTrouble = new DatabaseTrouble(world, history, "consumer-db");
        startConsumers(wiring);
        deadDestination = Writers.anyDestination(world);
        misfortunes = new Misfortunes(world, history, relays, consumers, broker, outboxTrouble, consumersTrouble);
    }

    private void startConsumers(Wiring wiring) {
        InMemoryTransactions theirs = new InMemoryTransactions(world.clock);
        theirs.faults().onOperation(consumersTrouble);
        DedupStore<InMemoryTransaction> dedup = wiring.dedup(new LockTimeouts(new InMemoryDedupStore(theirs)), theirs);
        TransactionRunner<InMemoryTransaction> transactions = wiring.transactions(new OwnTransactions(theirs));
        for (int i = 1; i <= options.groups(); i++) {
            String group = "group" + i;
            groups.add(group);
            Consumers one = new Consumers(world, history, group, transactions, dedup, wiring.acknowledgesFirst());
            consumers.add(one);
            broker.subscribe(one::arrived);
        }
    }

    /** Unlike the database's own, not bound to the thread: many processes share it here. */
    private record OwnTransactions(InMemoryTransactions database) implements TransactionRunner<InMemoryTransaction> {
        @Override
        public <R, X extends Exception> R inTransaction(Work<InMemoryTransaction, R, X> work) throws X {
            try (InMemoryTransaction transaction = database.begin()) {
                R result = work.run(transaction);
                transaction.commit();
                return result;
            }
        }
    }

    /** Runs it and returns what is wrong; nothing when all is well. */
    List<Violation> run() {
        relays.startOne();
        relays.startOne();
        writers.start(6);
        world.after(Duration.ofMillis(1500), this::operate);
        misfortunes.start();
        runFor(TROUBLE, () -> false);
        endTrouble();
        runFor(CALM, () -> false);
        history.add(What.HEALED, "", "");
        broker.heal();
        writers.stop();
        runFor(PATIENCE, this::isDone);
        history.add(What.DONE, "", "");
        parked(ParkedState.DEAD, ParkedState.DEAD_BLOCKING)
                .forEach(letter -> history.add(What.DEAD_LETTER, "", idOf(letter)));
        return new Checker(history, groups, deadDestination, start).check();
    }

    private void runFor(Duration time, BooleanSupplier until) {
        long end = world.nanos() + time.toNanos();
        while (world.nanos() < end && !until.getAsBoolean() && world.step()) {
            // goes on
        }
    }

    private void endTrouble() {
        misfortunes.end();
        outboxTrouble.end();
        consumersTrouble.end();
        broker.heal();
        broker.refuse(deadDestination, world.oneIn(2));
        relays.heal();
        relays.startOne();
        consumers.forEach(Consumers::heal);
        history.add(What.CALM, "", deadDestination);
    }

    /** Dead letters that block their keys wait for somebody who decides. */
    private void operate() {
        for (ParkedMessage letter : parked(ParkedState.DEAD_BLOCKING)) {
            ParkedQuery query = ParkedQuery.inState(ParkedState.DEAD_BLOCKING).withMessageId(idOf(letter));
            try {
                if (world.oneIn(3)) {
                    store.redrive(query, Duration.ZERO);
                } else {
                    history.add(What.DISCARDED, "operator", idOf(letter));
                    store.discard(query);
                }
            } catch (OutboxException e) {
                history.trouble("operator", "failed");
            }
        }
        world.after(world.between(500, 2500), this::operate);
    }

    private List<ParkedMessage> parked(ParkedState first, ParkedState... more) {
        try {
            return store.list(ParkedQuery.inState(first, more).withPage(0, 10_000));
        } catch (OutboxException e) {
            return List.of();
        }
    }

    private static String idOf(ParkedMessage parked) {
        return parked.message().message().messageId();
    }

    private boolean isDone() {
        return writers.isIdle()
                && consumers.stream().allMatch(Consumers::isIdle)
                && store.oldestWaiting(Outbox.DEFAULT_CHANNEL).isEmpty()
                && store.count(
                                Outbox.DEFAULT_CHANNEL,
                                Set.of(
                                        ParkedState.RETRY,
                                        ParkedState.BEHIND,
                                        ParkedState.SCHEDULED,
                                        ParkedState.DEAD_BLOCKING))
                        == 0;
    }

    History history() {
        return history;
    }

    Options options() {
        return options;
    }
}
