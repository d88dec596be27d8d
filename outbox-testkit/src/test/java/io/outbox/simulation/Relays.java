package io.outbox.simulation;

import io.outbox.relay.Relay;
import io.outbox.relay.RetryPolicy;
import io.outbox.simulation.History.What;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.ReadResult;
import io.outbox.spi.WriterSnapshot;
import io.outbox.testkit.InMemoryTransaction;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** The relay processes: started, stopped in good order, and replaced when they have died. */
final class Relays {
    private static final int MOST = 4;

    private final World world;
    private final History history;
    private final Options options;
    private final Wiring wiring;
    private final OutboxStore<InMemoryTransaction> store;
    private final Broker broker;
    private final List<Running> running = new ArrayList<>();
    private int started;

    private record Running(SimulatedProcess process, Relay relay) {}

    Relays(
            World world,
            History history,
            Options options,
            Wiring wiring,
            OutboxStore<InMemoryTransaction> store,
            Broker broker) {
        this.world = world;
        this.history = history;
        this.options = options;
        this.wiring = wiring;
        this.store = store;
        this.broker = broker;
    }

    void startOne() {
        if (running.size() >= MOST) {
            return;
        }
        SimulatedProcess process = new SimulatedProcess(world, "relay-" + ++started);
        int maxInFlight = options.batchSize() + world.random.nextInt(100);
        history.add(What.RELAY_STARTED, process.name, "", maxInFlight);
        SimulatedPublisher publisher =
                new SimulatedPublisher(world, history, broker, process, options.publisherKeepsOrder());
        OutboxStore<InMemoryTransaction> own = new ProcessStore(store);
        long origin = world.random.nextLong(); // of its monotonic clock
        Relay.Builder builder = Relay.builder(
                        wiring.relayStore(history.hasCalls() ? CallTrace.of(own, history, process.name) : own, world))
                .publisher(wiring.publisher(publisher, world))
                .executor(new ProcessExecutor(world, process))
                .ticker(() -> origin + world.nanos())
                .random(world.random)
                .batchSize(options.batchSize())
                .maxInFlight(wiring.maxInFlight(maxInFlight))
                .leaseTime(options.leaseTime())
                .sweepInterval(options.sweepInterval())
                .maxTransactionTime(Duration.ofSeconds(100))
                .deleteDelay(world.between(0, 50))
                .retryPolicy(RetryPolicy.defaults()
                        .withDelays(Duration.ofMillis(200), Duration.ofSeconds(5))
                        .withMaxAttempts(Integer.MAX_VALUE)
                        .withDeadLetterBlockingKey(options.deadLettersBlock()));
        if (options.archives()) {
            builder.retention(Duration.ofSeconds(10));
        }
        Relay relay = builder.build();
        running.add(new Running(process, relay));
        process.run(relay::start);
    }

    SimulatedProcess anyProcess() {
        return any().process();
    }

    private Running any() {
        return running.get(world.random.nextInt(running.size()));
    }

    /** One leaves as a process does that is asked to end, with messages in flight. */
    void stopOne() {
        Running one = any();
        if (one.process().isBusy() || one.process().isPaused()) {
            return;
        }
        history.trouble(one.process().name, "is asked to end");
        one.process().run(() -> {
            one.relay().stop(Duration.ZERO);
            one.process().kill();
        });
        replaceTheDead();
    }

    void replaceTheDead() {
        running.removeIf(one -> !one.process().isAlive());
        if (running.isEmpty()) {
            startOne();
        }
    }

    void heal() {
        running.forEach(one -> one.process().resume());
        replaceTheDead();
    }

    /** The store as one process sees it. */
    private final class ProcessStore extends ForwardingStore {
        ProcessStore(OutboxStore<InMemoryTransaction> store) {
            super(store);
        }

        @Override
        public Runnable onCommit(Consumer<String> listener) {
            return options.commitsWake() ? super.onCommit(listener) : () -> {};
        }

        @Override
        public ReadResult read(ReadRequest request) {
            return told(super.read(request));
        }

        @Override
        public ReadResult load(long[] ids) {
            return told(super.load(ids));
        }

        private ReadResult told(ReadResult found) {
            return options.databaseTellsWriters()
                    ? found
                    : new ReadResult(found.messages(), found.blocked(), found.topId(), WriterSnapshot.unknown());
        }
    }
}
