package io.outbox.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.relay.Relay;
import io.outbox.relay.RetryPolicy;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.ReadResult;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.Faults.Operation;
import io.outbox.testkit.InMemoryOutboxStore;
import io.outbox.testkit.InMemoryTransaction;
import io.outbox.testkit.InMemoryTransactions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Bugs of the relay that the simulation has found, each as the shortest course of events that shows it. */
class FoundBugsTest {
    private static final String REFUSED = "refused";

    private final World world = new World(1);
    private final InMemoryTransactions database = new InMemoryTransactions(world.clock);
    private final InMemoryOutboxStore store = new InMemoryOutboxStore(database, 4);
    private final Outbox<InMemoryTransaction> outbox = Outbox.builder(store).build();
    private final List<String> arrived = new ArrayList<>();
    private final Map<String, Integer> shards = new HashMap<>();
    private final List<Runnable> answers = new ArrayList<>();
    private boolean answersWait;

    /**
     * Seeds that failed, and why: messages read under a lease that was gone were published; more retries than the limit were
     * in flight; parking that was refused for one shard gave messages of others back, and nobody read them again; a late
     * message was published while later ones of its key, read when the key was blocked, were parked; a message was parked
     * behind its key while an earlier one was with the publisher, the relay was killed, and a retry passed over that.
     */
    @ParameterizedTest
    @ValueSource(longs = {243, 80, 3287, 4045, 3206})
    void aSeedThatFoundABug_passes(long seed) {
        assertThat(new Simulation(seed).run()).isEmpty();
    }

    /** The search for late commits was bounded by the read before it, and showed what was committed in between. */
    @Test
    void twoMessagesCommittedBetweenTheReadAndTheSearchForLateOnes_arriveInOrder() {
        InMemoryTransaction late = database.begin();
        publish(late, "first", "k");
        InMemoryTransaction other = database.begin();
        publishAndCommit("done", "x");
        start(store);
        runFor(Duration.ofSeconds(1));
        publish(other, "other", "y");
        publish(late, "second", "k");
        publishAndCommit("top", "z");
        runFor(Duration.ofSeconds(1));

        commitBeforeTheNextSearch(late);
        other.commit();
        runFor(Duration.ofSeconds(5));

        assertThat(arrived).containsSubsequence("first", "second").contains("other");
    }

    private void commitBeforeTheNextSearch(InMemoryTransaction late) {
        database.faults().onOperation((operation, moment) -> {
            if (operation == Operation.IDS_BETWEEN && late.isOpen()) {
                late.commit();
            }
        });
    }

    /** A shard was given back, and its messages refused elsewhere, while a step of the reader held later ones of the key. */
    @Test
    void aShardThatIsGivenBackDuringARead_isNotPublishedFromAfterwards() {
        SlowReads slow = new SlowReads(store);
        start(slow);
        runFor(Duration.ofSeconds(1));
        slow.readsTake = Duration.ofSeconds(20);
        for (int shard = 0; shard < 8; shard++) {
            publishAndCommit("m" + shard, "k" + shard);
        }
        start(store);
        runFor(Duration.ofSeconds(60));

        assertThat(arrived).doesNotHaveDuplicates().hasSize(8);
    }

    /**
     * Whether parked messages block a key was not asked for shards about to be given back. Then these were kept, unnoticed by
     * the reader, whose window was full.
     */
    @Test
    void aKeyThatIsBlocked_whenItsShardIsKeptAfterAll_staysBlocked() {
        start(store, 4);
        for (int i = 0; Set.copyOf(shards.values()).size() < 4; i++) {
            publishAndCommit("k" + i, "k" + i);
            runFor(Duration.ofSeconds(1));
        }
        Map<Integer, String> keys = new HashMap<>();
        shards.forEach((key, shard) -> keys.put(shard, key));
        String key = keys.get(0); // shards with low numbers are given back first
        publishAndCommit(REFUSED, key);
        runFor(Duration.ofSeconds(1));
        answersWait = true; // so that the window stays full and no shard can be given back
        keys.forEach((shard, other) -> publishAndCommit("held" + shard, shard == 0 ? "held" : other));
        store.join("default", "a relay that is gone after its lease", Duration.ofSeconds(10));
        runFor(Duration.ofSeconds(30));

        publishAndCommit("second", key);
        answers.forEach(Runnable::run);
        runFor(Duration.ofSeconds(5));

        assertThat(arrived).contains(REFUSED).doesNotContain("second");
    }

    /** A store whose reads tell late what they have seen. */
    private final class SlowReads extends ForwardingStore {
        private Duration readsTake = Duration.ZERO;

        SlowReads(OutboxStore<InMemoryTransaction> store) {
            super(store);
        }

        @Override
        public ReadResult read(ReadRequest request) {
            ReadResult found = super.read(request);
            if (!found.messages().isEmpty() && world.maySleep()) {
                world.sleep(readsTake);
            }
            return found;
        }
    }

    private void start(OutboxStore<InMemoryTransaction> from) {
        start(from, 10_000);
    }

    private void start(OutboxStore<InMemoryTransaction> from, int maxInFlight) {
        SimulatedProcess process = new SimulatedProcess(world, "relay");
        Relay relay = Relay.builder(from)
                .publisher(new Recorder())
                .executor(new ProcessExecutor(world, process))
                .ticker(world::nanos)
                .random(world.random)
                .batchSize(Math.min(maxInFlight, 1000))
                .maxInFlight(maxInFlight)
                .sweepInterval(Duration.ofDays(1))
                .retryPolicy(RetryPolicy.defaults().withDelays(Duration.ofHours(1), Duration.ofHours(1)))
                .build();
        process.run(relay::start);
    }

    private void publish(InMemoryTransaction transaction, String id, String key) {
        outbox.publish(
                transaction,
                Message.to("d").id(id).key(key).type("t").payload(id).build());
    }

    private void publishAndCommit(String id, String key) {
        try (InMemoryTransaction transaction = database.begin()) {
            publish(transaction, id, key);
            transaction.commit();
        }
    }

    private void runFor(Duration time) {
        long end = world.nanos() + time.toNanos();
        while (world.nanos() < end && world.step()) {
            // goes on
        }
    }

    private final class Recorder implements Publisher {
        @Override
        public void publish(StoredMessage message, Confirmation confirmation) {
            String id = message.message().messageId();
            arrived.add(id);
            shards.put(id, message.shard());
            PublishOutcome outcome = id.equals(REFUSED)
                    ? PublishOutcome.rejectedForNow(new IllegalStateException("refused"))
                    : PublishOutcome.published();
            if (answersWait) {
                answers.add(() -> confirmation.complete(outcome));
            } else {
                world.after(world.between(1, 5), () -> confirmation.complete(outcome));
            }
        }

        @Override
        public boolean keepsOrder() {
            return true;
        }

        @Override
        public void close() {}
    }
}
