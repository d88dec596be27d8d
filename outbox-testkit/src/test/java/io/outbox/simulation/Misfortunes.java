package io.outbox.simulation;

import io.outbox.simulation.History.What;
import java.time.Duration;
import java.util.List;

/** One misfortune after another, for as long as the trouble lasts; what happens at single calls comes on top. */
final class Misfortunes {
    private final World world;
    private final History history;
    private final Relays relays;
    private final List<Consumers> consumers;
    private final Broker broker;
    private final DatabaseTrouble outboxDatabase;
    private final DatabaseTrouble consumersDatabase;
    private boolean ended;

    Misfortunes(
            World world,
            History history,
            Relays relays,
            List<Consumers> consumers,
            Broker broker,
            DatabaseTrouble outboxDatabase,
            DatabaseTrouble consumersDatabase) {
        this.world = world;
        this.history = history;
        this.relays = relays;
        this.consumers = consumers;
        this.broker = broker;
        this.outboxDatabase = outboxDatabase;
        this.consumersDatabase = consumersDatabase;
    }

    void start() {
        world.after(world.between(100, 1500), this::next);
    }

    void end() {
        ended = true;
    }

    private void next() {
        if (ended) {
            return;
        }
        relays.replaceTheDead();
        consumers.forEach(Consumers::replaceTheDead);
        switch (world.random.nextInt(14)) {
            case 0 -> kill(relays.anyProcess());
            case 1, 2 -> stop(relays.anyProcess());
            case 3 -> relays.stopOne();
            case 4, 5 -> relays.startOne();
            case 6 -> broker.goDown(world.between(10, 6000));
            case 7, 8 -> refuse();
            case 9 -> broker.acknowledgeSlowly(world.between(500, 5000));
            case 10 -> (world.oneIn(2) ? outboxDatabase : consumersDatabase).goDown(world.between(10, 4000));
            case 11 -> (world.oneIn(2) ? outboxDatabase : consumersDatabase).failOften(world.between(200, 5000));
            case 12 -> kill(anyConsumer());
            default -> stop(anyConsumer());
        }
        if (world.oneIn(8)) {
            setClock();
        }
        world.after(world.between(20, 1500), this::next);
    }

    private SimulatedProcess anyConsumer() {
        return consumers.get(world.random.nextInt(consumers.size())).anyProcess();
    }

    private void kill(SimulatedProcess victim) {
        history.trouble(victim.name, "killed");
        victim.kill();
    }

    private void stop(SimulatedProcess victim) {
        history.trouble(victim.name, "stopped");
        victim.pause();
        world.after(world.between(10, 10_000), victim::resume);
    }

    private void refuse() {
        String destination = Writers.anyDestination(world);
        broker.refuse(destination, world.oneIn(2));
        world.after(world.between(10, 6000), () -> broker.accept(destination));
    }

    /** The database's wall clock is set: back, or forward by less than the part of a lease in which nothing is sent. */
    private void setClock() {
        Duration by = world.between(-4000, 350);
        history.add(What.CLOCK_SET, "outbox-db", "", by.toNanos());
        world.clock.jumpTo(world.clock.instant().plus(by));
    }
}
