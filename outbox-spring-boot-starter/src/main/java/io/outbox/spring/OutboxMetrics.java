package io.outbox.spring;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.outbox.Outbox;
import io.outbox.StoreException;
import io.outbox.relay.ChannelStatus;
import io.outbox.relay.CircuitState;
import io.outbox.relay.Relay;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Meters {@code outbox.*} of one relay, tagged with the channel and the data source. They come from the relay's status, which asks the database: at most every five
 * seconds, however many meters are read. While the database is away they have no value. Thread-safe.
 */
final class OutboxMetrics implements MeterBinder {
    private static final Logger LOG = LoggerFactory.getLogger(OutboxMetrics.class);
    private static final long FRESH_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final String dataSource;
    private final Relay relay;
    /** Guarded by this. */
    private @Nullable List<ChannelStatus> channels;

    private long askedNanos;

    OutboxMetrics(String dataSource, Relay relay) {
        this.dataSource = dataSource;
        this.relay = relay;
    }

    @Override
    public void bindTo(MeterRegistry registry) {
        List<String> names = channels().stream().map(ChannelStatus::channel).toList();
        for (String channel : names.isEmpty() ? List.of(Outbox.DEFAULT_CHANNEL) : names) {
            Tags tags = Tags.of("channel", channel, "data.source", dataSource);
            gauge(
                    registry,
                    "outbox.in.flight",
                    "messages given to the broker and not answered",
                    tags,
                    ChannelStatus::inFlight);
            gauge(
                    registry,
                    "outbox.parked",
                    "messages that wait for a retry or their time",
                    tags,
                    ChannelStatus::parked);
            gauge(registry, "outbox.dead.letters", "messages that wait for somebody", tags, ChannelStatus::deadLetters);
            gauge(
                    registry,
                    "outbox.leases",
                    "shards that this relay has",
                    tags,
                    status -> status.leases().size());
            gauge(
                    registry,
                    "outbox.circuit.open",
                    "1 while the broker is away",
                    tags,
                    status -> status.circuit() == CircuitState.CLOSED ? 0 : 1);
            TimeGauge.builder(
                            "outbox.oldest.waiting",
                            this,
                            TimeUnit.MILLISECONDS,
                            it -> it.value(
                                    channel,
                                    status -> status.oldestWaiting()
                                            .orElse(Duration.ZERO)
                                            .toMillis()))
                    .description("age of the oldest message that is not published")
                    .tags(tags)
                    .register(registry);
            FunctionCounter.builder("outbox.published", this, it -> it.value(channel, ChannelStatus::published))
                    .description("messages that the broker acknowledged")
                    .tags(tags)
                    .register(registry);
        }
    }

    private void gauge(
            MeterRegistry registry, String name, String what, Tags tags, ToDoubleFunction<ChannelStatus> value) {
        String channel = tags.iterator().next().getValue(); // sorted by key, it comes first
        Gauge.builder(name, this, it -> it.value(channel, value))
                .description(what)
                .tags(tags)
                .register(registry);
    }

    private double value(String channel, ToDoubleFunction<ChannelStatus> value) {
        Optional<ChannelStatus> status =
                channels().stream().filter(one -> one.channel().equals(channel)).findFirst();
        return status.isPresent() ? value.applyAsDouble(status.get()) : Double.NaN;
    }

    private synchronized List<ChannelStatus> channels() {
        long now = System.nanoTime();
        List<ChannelStatus> known = channels;
        if (known == null || now - askedNanos >= FRESH_NANOS) {
            try {
                known = relay.status().channels();
            } catch (StoreException e) {
                LOG.debug("The outbox's meters have no value", e);
                known = List.of();
            }
            channels = known;
            askedNanos = now;
        }
        return known;
    }
}
