package io.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.consumer.DedupExpiry;
import io.outbox.internal.Backoff;
import io.outbox.spi.DedupStore;
import io.outbox.spi.OutboxStore;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Any setting is refused where it is given, or can be counted with. */
class SettingsInputTest {
    @Property
    void anyDuration_isRefusedOrUsable(@ForAll("durations") Duration one, @ForAll("durations") Duration other) {
        List<Consumer<Relay.Builder>> settings = List.of(
                relay -> relay.pollInterval(one, other),
                relay -> relay.retryPollInterval(one),
                relay -> relay.deleteDelay(one),
                relay -> relay.leaseTime(one),
                relay -> relay.sweepInterval(one),
                relay -> relay.maxTransactionTime(one),
                relay -> relay.stuckAfter(one),
                relay -> relay.retention(one));
        for (Consumer<Relay.Builder> setting : settings) {
            ifAccepted(() -> setting.accept(Relay.builder(none(OutboxStore.class))), () -> {
                assertThat(one.toNanos()).isNotNegative();
                assertThat(one.toMillis()).isNotNegative();
            });
        }
    }

    @Property
    void anyDelays_areRefusedOrUsable(
            @ForAll("durations") Duration first, @ForAll("durations") Duration longest, @ForAll int n) {
        ifAccepted(
                () -> new RetryPolicy(first, longest, 1, Duration.ofDays(1), false),
                () -> assertThat(new Backoff(first, longest).delay(n, new Random(n)))
                        .isBetween(Duration.ZERO, longest));
        ifAccepted(
                () -> new Backoff(first, longest),
                () -> assertThat(new Backoff(first, longest).delayFromHalf(n, new Random(n)))
                        .isBetween(Duration.ZERO, longest));
    }

    @Property
    void anyExpiry_isRefusedOrUsable(@ForAll("durations") Duration keepFor, @ForAll("durations") Duration interval) {
        ifAccepted(
                () -> DedupExpiry.builder(none(DedupStore.class), keepFor).interval(interval),
                () -> assertThat(keepFor.toMillis() + interval.toNanos()).isNotNegative());
    }

    @Property
    void anyNumber_isRefusedOrUsable(@ForAll int number, @ForAll long bytes) {
        Relay.Builder relay = Relay.builder(none(OutboxStore.class));
        ifAccepted(() -> relay.batchSize(number), () -> assertThat(number).isBetween(1, 10_000));
        ifAccepted(
                () -> relay.maxInFlight(number), () -> assertThat(number * 4L).isBetween(4L, 4_000_000L));
        ifAccepted(() -> relay.maxInFlightBytes(bytes), () -> assertThat(bytes).isBetween(64L << 10, 1L << 30));
    }

    private static void ifAccepted(Runnable setting, Runnable then) {
        try {
            setting.run();
        } catch (IllegalArgumentException e) {
            assertThat(e.getMessage()).contains("must");
            return;
        }
        then.run();
    }

    private static <T> T none(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (self, method, args) -> {
            throw new UnsupportedOperationException(method.getName());
        }));
    }

    @Provide
    Arbitrary<Duration> durations() {
        return Arbitraries.oneOf(
                Arbitraries.longs().between(-1000, 1_000_000).map(Duration::ofMillis),
                Arbitraries.longs().map(Duration::ofNanos),
                Arbitraries.longs().map(Duration::ofSeconds),
                Arbitraries.of(
                        Duration.ZERO,
                        Duration.ofNanos(1),
                        Duration.ofNanos(500_000),
                        Duration.ofDays(36_500),
                        Duration.ofSeconds(Long.MAX_VALUE, 999_999_999),
                        Duration.ofSeconds(Long.MIN_VALUE)));
    }
}
