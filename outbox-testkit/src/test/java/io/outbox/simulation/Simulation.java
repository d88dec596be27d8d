package io.outbox.simulation;

import io.outbox.Outbox;
import io.outbox.relay.Relay;
import io.outbox.relay.RetryPolicy;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.testkit.Faults;
import io.outbox.testkit.InMemoryOutboxStore;
import io.outbox.testkit.InMemoryTransactions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * One run: writers, relays that are killed, stopped and resumed, a database that fails before and after its effects, and a
 * broker that goes away and refuses. Then all heals, and the history is checked.
 */
final class Simulation {
    private static final Duration TROUBLE = Duration.ofSeconds(90);
    private static final Duration HEALING = Duration.ofMinutes(20);
    private static final Faults.Operation[] OPERATIONS = Faults.Operation.values();

    private final World world;
    private final boolean keepsOrder;
    private final boolean archives;
    private final Broker broker;
    private final InMemoryTransactions database;
    private final InMemoryOutboxStore store;
    private final Writers writers;
    private final List<ProcessExecutor> processes = new ArrayList<>();
    private boolean healed;

    Simulation(long seed, boolean keepsOrder) {
        this.keepsOrder = keepsOrder;
        world = new World(seed);
        archives = world.oneIn(4);
        broker = new Broker(world);
        database = new InMemoryTransactions(world.clock);
        store = new InMemoryOutboxStore(database, 8);
        writers = new Writers(
                world, database, Outbox.builder(store).clock(world.clock).build());
    }

    /** Runs it and returns what is wrong; nothing when all is well. */
    List<String> run() {
        startRelay();
        startRelay();
        writers.start(6);
        world.after(Duration.ofMillis(500), this::trouble);
        long end = TROUBLE.toNanos();
        while (world.nanos() < end && world.step()) {
            // goes on
        }
        heal();
        long limit = world.nanos() + HEALING.toNanos();
        while (world.nanos() < limit && !isDone() && world.step()) {
            // goes on
        }
        return check();
    }

    private void startRelay() {
        ProcessExecutor process = new ProcessExecutor(world);
        processes.add(process);
        Relay.Builder builder = Relay.builder(store)
                .publisher(new SimulatedPublisher(world, broker, process, keepsOrder))
                .executor(process)
                .ticker(world::nanos)
                .random(world.random)
                .batchSize(1 + world.random.nextInt(50))
                .maxInFlight(60 + world.random.nextInt(200))
                .leaseTime(Duration.ofSeconds(4))
                .sweepInterval(Duration.ofSeconds(world.oneIn(2) ? 20 : 600))
                .deleteDelay(world.between(0, 50))
                .retryPolicy(RetryPolicy.defaults()
                        .withDelays(Duration.ofMillis(200), Duration.ofSeconds(5))
                        .withMaxAttempts(Integer.MAX_VALUE));
        if (archives) {
            builder.retention(Duration.ofSeconds(10));
        }
        builder.build().start();
    }

    /** One misfortune after another. */
    private void trouble() {
        if (healed) {
            return;
        }
        switch (world.random.nextInt(9)) {
            case 0 -> kill();
            case 1 -> pause();
            case 2 -> outage();
            case 3 -> refuse();
            case 4, 5, 6 -> failDatabase();
            case 7 -> failDatabaseOften();
            default -> addRelay();
        }
        world.after(world.between(50, 4000), this::trouble);
    }

    private ProcessExecutor anyProcess() {
        return processes.get(world.random.nextInt(processes.size()));
    }

    private void kill() {
        ProcessExecutor victim = anyProcess();
        victim.kill();
        processes.remove(victim);
        if (processes.isEmpty()) {
            world.after(world.between(0, 3000), this::startRelay);
            startRelay();
        }
    }

    private void addRelay() {
        if (processes.size() < 4) {
            startRelay();
        }
    }

    private void pause() {
        ProcessExecutor victim = anyProcess();
        victim.pause();
        world.after(world.between(10, 15_000), victim::resume);
    }

    private void outage() {
        broker.goDown(true);
        world.after(world.between(10, 10_000), () -> broker.goDown(false));
    }

    private void refuse() {
        String destination = "d" + world.random.nextInt(3);
        broker.refuse(destination, world.oneIn(2));
        world.after(world.between(10, 8000), () -> broker.accept(destination));
    }

    private void failDatabase() {
        Faults.Operation operation = OPERATIONS[world.random.nextInt(OPERATIONS.length)];
        Faults.Moment moment = world.oneIn(2) ? Faults.Moment.BEFORE : Faults.Moment.AFTER;
        database.faults().failNext(operation, moment);
    }

    private void failDatabaseOften() {
        for (int i = 0; i < 20; i++) {
            failDatabase();
        }
    }

    private void heal() {
        healed = true;
        broker.heal();
        database.faults().clear();
        processes.forEach(ProcessExecutor::resume);
        writers.stop();
        startRelay();
    }

    private boolean isDone() {
        return writers.isIdle()
                && store.oldestWaiting(Outbox.DEFAULT_CHANNEL).isEmpty()
                && store.count(
                                Outbox.DEFAULT_CHANNEL,
                                Set.of(ParkedState.RETRY, ParkedState.BEHIND, ParkedState.SCHEDULED))
                        == 0;
    }

    private List<String> check() {
        List<String> wrong = new ArrayList<>();
        Set<String> dead = new HashSet<>();
        for (ParkedMessage parked : store.list(ParkedQuery.deadLetters().withPage(0, 10_000))) {
            dead.add(parked.message().message().messageId());
        }
        Set<String> accounted = new HashSet<>(broker.delivered);
        accounted.addAll(dead);
        for (String id : writers.committed) {
            if (!accounted.contains(id)) {
                wrong.add("lost: " + id + parkedState(id));
            }
        }
        for (String id : accounted) {
            if (!writers.committed.contains(id)) {
                wrong.add("invented: " + id);
            }
        }
        if (!broker.refusedForGood.equals(dead)) {
            wrong.add("dead letters are " + dead + ", refused for good were " + broker.refusedForGood);
        }
        broker.early.forEach(id -> wrong.add("before its time: " + id));
        writers.committedByKey.forEach((key, committed) -> {
            List<String> expected =
                    committed.stream().filter(id -> !dead.contains(id)).toList();
            List<String> seen = broker.firstByKey.getOrDefault(key, List.of());
            if (!expected.equals(seen)) {
                wrong.add("order of " + key + ": " + firstDifference(expected, seen));
            }
        });
        if (writers.committed.size() < 300) {
            wrong.add("only " + writers.committed.size() + " messages were committed: the run proves nothing");
        }
        return wrong;
    }

    private String parkedState(String messageId) {
        return store
                .list(ParkedQuery.inState(ParkedState.RETRY, ParkedState.values())
                        .withMessageId(messageId))
                .stream()
                .map(parked -> ", still parked: " + parked.state() + " until " + parked.notBefore() + ", now "
                        + world.clock.instant())
                .findFirst()
                .orElse("");
    }

    private static String firstDifference(List<String> expected, List<String> seen) {
        int i = 0;
        while (i < expected.size() && i < seen.size() && expected.get(i).equals(seen.get(i))) {
            i++;
        }
        return "at " + i + " expected " + expected.subList(i, Math.min(i + 4, expected.size())) + " but was "
                + seen.subList(i, Math.min(i + 4, seen.size()));
    }

    int deliveries() {
        return broker.deliveries;
    }

    int committed() {
        return writers.committed.size();
    }
}
