package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.relay.Relay;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.InProcessPublisher;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Rates, times and bounds of a relay on a real PostgreSQL. */
@Timeout(120)
class RelayBoundsIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final PublishOutcome POISON = PublishOutcome.rejectedForGood(new IllegalStateException("poison"));

    private final RelaySetting setting = new RelaySetting(TestServers.postgres().createDatabase());

    @AfterEach
    void close() {
        setting.close();
    }

    @Test
    void deadLetters_sentAgainAtARate_goNoFaster() {
        Relay relay = setting.startRelay();
        deadLetters(relay, "a", "b", "c", "d", "e");
        setting.broker.accept(RelaySetting.TOPIC);
        Duration spacing = Duration.ofMillis(400);

        Instant begun = Instant.now();
        redrive(ParkedQuery.deadLetters(), spacing);
        await().atMost(LONG).until(() -> setting.arrived().size() == 5);

        assertThat(Duration.between(begun, Instant.now())).isGreaterThanOrEqualTo(spacing.multipliedBy(4));
    }

    @Test
    void scheduledMessages_areNotEarly_andWithinASecond_atTheDefaultInterval() {
        Map<String, Instant> sentAt = new ConcurrentHashMap<>();
        InProcessPublisher broker = setting.broker.publisher();
        setting.start(Relay.builder(setting.store).publisher(new Wrapped(broker) {
            @Override
            public void publish(StoredMessage message, Confirmation confirmation) {
                sentAt.put(message.message().messageId(), Instant.now());
                super.publish(message, confirmation);
            }
        }));
        Map<String, Instant> due = new ConcurrentHashMap<>();
        Instant start = Instant.now().plusSeconds(1);
        for (int i = 0; i < 9; i++) {
            Instant at = start.plusMillis(300L * i);
            due.put(
                    setting.transactions.inTransaction(connection -> setting.outbox.publish(
                            connection, setting.message("k").deliverAt(at).build())),
                    at);
        }

        await().atMost(LONG).until(() -> sentAt.size() == 9);
        List<Duration> lateness = new ArrayList<>();
        due.forEach((id, at) -> lateness.add(Duration.between(at, sentAt.get(id))));
        Collections.sort(lateness);
        // the database's clock is this machine's
        assertThat(lateness.get(0)).isPositive();
        assertThat(lateness.get(lateness.size() / 2)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void mebibytesAmongSmallPayloads_neverExceedTheBoundOfBytes() {
        for (int i = 0; i < 60; i++) {
            byte[] payload = new byte[i % 4 == 0 ? 1024 * 1024 : 10];
            setting.transactions.inTransaction(connection -> setting.outbox.publish(
                    connection,
                    setting.message("k" + payload.length % 7).payload(payload).build()));
        }
        AtomicLong now = new AtomicLong();
        AtomicLong most = new AtomicLong();
        setting.start(setting.relay(new Wrapped(setting.broker.publisher()) {
                    @Override
                    public void publish(StoredMessage message, Confirmation confirmation) {
                        most.accumulateAndGet(now.addAndGet(message.payloadSize()), Math::max);
                        super.publish(message, outcome -> {
                            now.addAndGet(-message.payloadSize());
                            confirmation.complete(outcome);
                        });
                    }
                })
                .maxInFlightBytes(3 * 1024 * 1024));

        await().atMost(LONG).until(() -> setting.arrivedIds().size() == 60);
        assertThat(most.get()).isBetween(1024L * 1024, 3L * 1024 * 1024);
    }

    private List<ParkedMessage> deadLetters(Relay relay, String... keys) {
        setting.broker.refuse(RelaySetting.TOPIC, POISON);
        for (String key : keys) {
            setting.publish(key);
        }
        await().atMost(LONG).until(() -> relay.status().channel("default").deadLetters() == keys.length);
        return setting.store.list(ParkedQuery.deadLetters());
    }

    private int redrive(ParkedQuery query, Duration spacing) {
        return setting.store.redrive(query, spacing);
    }

    /** A publisher of which a test looks at the calls. */
    private abstract static class Wrapped implements Publisher {
        private final Publisher inner;

        Wrapped(Publisher inner) {
            this.inner = inner;
        }

        @Override
        public void publish(StoredMessage message, Confirmation confirmation) {
            inner.publish(message, confirmation);
        }

        @Override
        public boolean keepsOrder() {
            return inner.keepsOrder();
        }

        @Override
        public void close() {
            inner.close();
        }
    }
}
