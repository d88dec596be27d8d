package io.outbox.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.relay.Relay;
import io.outbox.spi.ParkedState;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.Faults;
import io.outbox.testkit.Faults.Operation;
import io.outbox.testkit.InMemoryOutboxStore;
import io.outbox.testkit.InMemoryTransaction;
import io.outbox.testkit.InMemoryTransactions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How soon things happen with default settings, on a simulated clock: exact, whatever machine this runs on. */
class PromptnessTest {
    private static final Duration LEASE = Duration.ofSeconds(12);
    private static final int SHARDS = 64;

    private final Map<String, Instant> arrivals = new LinkedHashMap<>();
    private final List<SimulatedProcess> processes = new ArrayList<>();
    private boolean keepsOrder = true;
    private boolean refuses;
    private World world = new World(0);
    private InMemoryTransactions database = new InMemoryTransactions(world.clock);
    private InMemoryOutboxStore store = new InMemoryOutboxStore(database, SHARDS);

    private void setUp(long seed) {
        world = new World(seed);
        database = new InMemoryTransactions(world.clock);
        store = new InMemoryOutboxStore(database, SHARDS);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void oneRelayMore_hasItsShareWithinTwoLeaseTerms(long seed) {
        setUp(seed);
        Relay first = startRelay();
        assertThat(timeUntil(() -> leases(first) == SHARDS)).isLessThan(LEASE);

        Relay second = startRelay();

        assertThat(timeUntil(() -> leases(first) == SHARDS / 2 && leases(second) == SHARDS / 2))
                .isLessThan(LEASE);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5})
    void oneRelayLess_isReplacedWithinTwoLeaseTerms(long seed) {
        setUp(seed);
        Relay first = startRelay();
        Relay second = startRelay();
        Relay third = startRelay();
        timeUntil(() -> leases(first) + leases(second) + leases(third) == SHARDS && leases(third) >= 21);

        third.stop(Duration.ZERO);

        assertThat(timeUntil(() -> leases(first) == SHARDS / 2 && leases(second) == SHARDS / 2))
                .isLessThan(LEASE);

        processes.get(1).kill();

        assertThat(timeUntil(() -> leases(first) == SHARDS)).isLessThan(LEASE.multipliedBy(2));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void scheduledMessages_arriveWithinASecondOfTheirTimeAndNotBefore(long seed) {
        setUp(seed);
        startRelay();
        startRelay();
        Map<String, Instant> due = new HashMap<>();
        for (int i = 0; i < 200; i++) {
            String id = "m" + i;
            due.put(id, world.clock.instant().plus(world.between(20_000, 80_000)));
            publish(message(id).deliverAt(due.get(id)));
        }

        timeUntil(() -> arrivals.size() == due.size());

        due.forEach((id, time) ->
                assertThat(Duration.between(time, arrivals.get(id))).isBetween(Duration.ZERO, Duration.ofSeconds(1)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void lateCommits_arriveWithinASecond(long seed) {
        setUp(seed);
        startRelay();
        startRelay();
        Map<String, Instant> committed = new HashMap<>();
        for (int i = 0; i < 20; i++) {
            String id = "late" + i;
            InMemoryTransaction late = database.begin();
            Outbox.builder(store).build().publish(late, message(id).build());
            world.after(world.between(1000, 120_000), () -> {
                late.commit();
                committed.put(id, world.clock.instant());
            });
        }
        for (int i = 0; i < 6000; i++) {
            String id = "fast" + i;
            world.after(Duration.ofMillis(20L * i), () -> publish(message(id)));
        }

        timeUntil(() -> arrivals.size() == 6020);

        committed.forEach((id, time) ->
                assertThat(Duration.between(time, arrivals.get(id))).isLessThan(Duration.ofSeconds(1)));
    }

    /** With many parked a search costs a database much; so there must not be one for each message. */
    @Test
    void messagesBehindRetries_ofAPublisherThatDoesNotKeepOrder_followInOrderWithFewSearches() {
        keepsOrder = false;
        startRelay();
        refuses = true;
        for (int i = 0; i < 1000; i++) {
            publish(message("m" + i).key("k" + i % 10));
        }
        timeUntil(() -> store.count(Outbox.DEFAULT_CHANNEL, Set.of(ParkedState.RETRY, ParkedState.BEHIND)) == 1000);
        AtomicInteger searches = new AtomicInteger();
        database.faults().onOperation((operation, moment) -> {
            if (operation == Operation.DUE && moment == Faults.Moment.BEFORE) {
                searches.incrementAndGet();
            }
        });
        arrivals.clear();
        refuses = false;

        timeUntil(() -> arrivals.size() == 1000);

        assertThat(searches).hasValueLessThan(100);
        for (int key = 0; key < 10; key++) {
            String ending = Integer.toString(key);
            List<String> ofKey =
                    arrivals.keySet().stream().filter(id -> id.endsWith(ending)).toList();
            assertThat(ofKey).isSortedAccordingTo(Comparator.comparing(id -> Integer.valueOf(id.substring(1))));
        }
    }

    private Relay startRelay() {
        SimulatedProcess process = new SimulatedProcess(world, "relay");
        processes.add(process);
        Relay relay = Relay.builder(store)
                .publisher(new Recorder())
                .executor(new ProcessExecutor(world, process))
                .ticker(world::nanos)
                .random(world.random)
                .build();
        relay.start();
        return relay;
    }

    private static Message.Builder message(String id) {
        return Message.to("d").id(id).key(id).type("t").payload(id);
    }

    private void publish(Message.Builder message) {
        try (InMemoryTransaction transaction = database.begin()) {
            Outbox.builder(store).build().publish(transaction, message.build());
            transaction.commit();
        }
    }

    private static int leases(Relay relay) {
        return relay.status().channel(Outbox.DEFAULT_CHANNEL).leases().size();
    }

    private Duration timeUntil(BooleanSupplier condition) {
        long start = world.nanos();
        long limit = start + Duration.ofMinutes(10).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(world.nanos())
                    .as("simulated time until the condition holds")
                    .isLessThan(limit);
            world.step();
        }
        return Duration.ofNanos(world.nanos() - start);
    }

    private final class Recorder implements Publisher {
        @Override
        public void publish(StoredMessage message, Confirmation confirmation) {
            PublishOutcome outcome = refuses
                    ? PublishOutcome.rejectedForNow(new IllegalStateException("refused"))
                    : PublishOutcome.published();
            arrivals.putIfAbsent(message.message().messageId(), world.clock.instant());
            world.after(world.between(1, 5), () -> confirmation.complete(outcome));
        }

        @Override
        public boolean keepsOrder() {
            return keepsOrder;
        }

        @Override
        public void close() {}
    }
}
