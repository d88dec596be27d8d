package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.relay.ChannelStatus;
import io.outbox.relay.Relay;
import io.outbox.relay.RetryPolicy;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.PublishOutcome;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What the one on call does with dead letters, on a real PostgreSQL while relays run. */
class DeadLettersBesideARelayIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final String REFUSED = "refused";
    private static final PublishOutcome TOO_LARGE =
            PublishOutcome.rejectedForGood(new IllegalArgumentException("too large"));

    private final RelaySetting setting = new RelaySetting(TestServers.postgres().createDatabase());

    @AfterEach
    void close() {
        setting.close();
    }

    @Test
    void redrive_ofOneASelectionAndAllTheRest_publishesEachAgain() {
        Relay relay = setting.startRelay();
        setting.startRelay();
        setting.broker.refuse(REFUSED, TOO_LARGE);
        publishRefused(100);
        await().atMost(LONG).until(() -> status(relay).deadLetters() == 100);
        List<ParkedMessage> page = setting.store.list(ParkedQuery.deadLetters().withPage(0, 10));
        assertThat(page)
                .hasSize(10)
                .allSatisfy(dead -> assertThat(dead.lastError()).contains("too large"));
        setting.broker.accept(REFUSED);
        String one = page.get(3).message().message().messageId();

        assertThat(setting.store.redrive(ParkedQuery.deadLetters().withMessageId(one), Duration.ZERO))
                .isEqualTo(1);
        await().atMost(LONG).until(() -> refusedArrived().equals(List.of(one)));
        assertThat(setting.store.redrive(ParkedQuery.deadLetters().withKey("k2"), Duration.ZERO))
                .isEqualTo(page.get(3).message().message().key().equals("k2") ? 9 : 10);
        int rest = setting.store.redrive(ParkedQuery.deadLetters().withDestination(REFUSED), Duration.ofMillis(5));

        assertThat(rest).isGreaterThanOrEqualTo(89);
        await().atMost(LONG).until(() -> Set.copyOf(refusedArrived()).size() == 100);
        await().atMost(LONG)
                .until(() -> status(relay).deadLetters() == 0 && status(relay).parked() == 0);
        assertThat(refusedArrived()).hasSize(100);
    }

    @Test
    void discard_besideRetriesAndNewMessages_removesOnlyWhatWasChosen() {
        Relay relay = setting.startRelay();
        setting.broker.refuse(REFUSED, TOO_LARGE);
        publishRefused(20);
        await().atMost(LONG).until(() -> status(relay).deadLetters() == 20);

        int discarded = setting.store.discard(ParkedQuery.deadLetters().withKey("k1"));
        for (int i = 0; i < 100; i++) {
            setting.publish("k" + i % 10);
        }

        assertThat(discarded).isEqualTo(2);
        await().atMost(LONG).until(() -> setting.arrived().size() == 100);
        assertThat(status(relay).deadLetters()).isEqualTo(18);
    }

    @Test
    void redriven_whileTheyStillFail_becomeDeadLettersAgain() {
        Relay relay = setting.startRelay();
        setting.broker.refuse(REFUSED, TOO_LARGE);
        publishRefused(10);
        await().atMost(LONG).until(() -> status(relay).deadLetters() == 10);

        setting.store.redrive(ParkedQuery.deadLetters(), Duration.ZERO);

        await().atMost(LONG)
                .until(() -> setting.store.list(ParkedQuery.deadLetters()).stream()
                                .filter(dead -> dead.attempts() == 1)
                                .count()
                        == 10);
        assertThat(refusedArrived()).isEmpty();
    }

    @Test
    void aDeadLetterThatBlocksItsKey_holdsTheLaterOnesUntilItIsDiscarded() {
        Relay relay = setting.start(setting.relay(setting.broker.publisher())
                .retryPolicy(RetryPolicy.defaults().withDeadLetterBlockingKey(true)));
        setting.broker.refuse(REFUSED, TOO_LARGE);
        setting.transactions.inTransaction(connection -> setting.outbox.publish(
                connection, setting.message(REFUSED, "held").build()));
        await().atMost(LONG).until(() -> status(relay).deadLetters() == 1);
        for (int i = 0; i < 40; i++) {
            setting.publish(i % 2 == 0 ? "held" : "free");
        }
        await().atMost(LONG)
                .until(() -> setting.arrived().size() == 20 && status(relay).parked() == 20);
        assertThat(setting.firstDeliveries()).containsOnlyKeys("free");

        setting.store.discard(ParkedQuery.deadLetters());

        await().atMost(LONG).until(() -> setting.arrived().size() == 40);
        assertThat(setting.firstDeliveries().get("held"))
                .isEqualTo(IntStream.range(0, 20)
                        .mapToObj(i -> Integer.toString(2 * i + 2))
                        .toList());
    }

    private void publishRefused(int messages) {
        for (int i = 0; i < messages; i++) {
            String key = "k" + i % 10;
            setting.transactions.inTransaction(connection -> setting.outbox.publish(
                    connection, setting.message(REFUSED, key).build()));
        }
    }

    private List<String> refusedArrived() {
        return setting.broker.messages(REFUSED).stream()
                .map(message -> message.id())
                .toList();
    }

    private static ChannelStatus status(Relay relay) {
        return relay.status().channel("default");
    }
}
