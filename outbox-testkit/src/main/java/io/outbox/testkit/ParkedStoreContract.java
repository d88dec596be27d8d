package io.outbox.testkit;

import static io.outbox.spi.ParkedState.BEHIND;
import static io.outbox.spi.ParkedState.DEAD;
import static io.outbox.spi.ParkedState.DEAD_BLOCKING;
import static io.outbox.spi.ParkedState.RETRY;
import static io.outbox.spi.ParkedState.SCHEDULED;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Parking;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * What every {@link io.outbox.spi.ParkedStore} must do.
 *
 * @param <T> the handle of a caller's transaction
 */
public abstract class ParkedStoreContract<T> extends StoreContract<T> {
    private static final Duration HOUR = Duration.ofHours(1);
    private static final ParkedQuery ALL = ParkedQuery.inState(RETRY, ParkedState.values());

    private @Nullable String relay;

    /** For subclasses. */
    protected ParkedStoreContract() {}

    @Test
    void park_movesAMessageWithAllItHas() {
        append(message("a", "k"));
        StoredMessage hot = readAll().messages().get(0);
        assertThat(store().park(relayWithAllShards(), List.of(new Parking(hot, RETRY, 3, HOUR, "queue full"))))
                .isTrue();

        assertThat(readAll().messages()).isEmpty();
        ParkedMessage parked = parked("a");
        assertThat(parked.state()).isEqualTo(RETRY);
        assertThat(parked.attempts()).isEqualTo(3);
        assertThat(parked.lastError()).isEqualTo("queue full");
        assertThat(parked.message().id()).isEqualTo(hot.id());
        assertThat(parked.message().message()).usingRecursiveComparison().isEqualTo(hot.message());
        assertThat(Duration.between(parked.parkedAt(), parked.notBefore())).isBetween(HOUR.minusSeconds(9), HOUR);
    }

    @Test
    void park_withoutALease_movesNothing() {
        append(message("a", "a"), message("b", "b"));
        List<StoredMessage> hot = readAll().messages();
        String relay = relayWithAllShards();
        store().release(CHANNEL, relay, Set.of(hot.get(1).shard()));

        assertThat(store().park(relay, List.of(parking(hot.get(0), RETRY), parking(hot.get(1), RETRY))))
                .isFalse();

        assertThat(readAll().messages()).hasSize(2);
        assertThat(store().list(ALL)).isEmpty();
    }

    @Test
    void park_passesOverWhatIsGone() {
        append(message("a", "a"), message("b", "b"));
        List<StoredMessage> hot = readAll().messages();
        store().delete(new long[] {hot.get(0).id()});

        assertThat(store().park(relayWithAllShards(), List.of(parking(hot.get(0), RETRY), parking(hot.get(1), RETRY))))
                .isTrue();

        assertThat(ids(store().list(ALL))).containsExactly("b");
    }

    @Test
    void due_givesTheFirstOfEachKeyAndEveryMessageWithoutOne() {
        park(RETRY, "a1", "a");
        park(BEHIND, "a2", "a");
        park(RETRY, "b1", "b");
        park(RETRY, "n1", null);
        park(RETRY, "n2", null);
        park(DEAD, "d1", "d");
        park(DEAD_BLOCKING, "e1", "e");
        park(BEHIND, "e2", "e");

        assertThat(ids(store().due(CHANNEL, allShards(), 100))).containsExactlyInAnyOrder("a1", "b1", "n1", "n2");
        assertThat(store().due(CHANNEL, allShards(), 2)).hasSize(2);
    }

    @Test
    void dueWhileNothingBlocks_givesRetriesAndEveryMessageWithoutKey() {
        park(RETRY, "a1", "a");
        park(RETRY, "n1", null);
        park(BEHIND, "n2", null);
        park(DEAD, "d1", "d");

        assertThat(ids(store().dueWhileNothingBlocks(CHANNEL, allShards(), 100)))
                .containsExactlyInAnyOrder("a1", "n1", "n2");
        assertThat(store().dueWhileNothingBlocks(CHANNEL, allShards(), 2)).hasSize(2);
    }

    @Test
    void due_doesNotGiveWhatHasToWait() {
        append(message("a", "a"));
        store().park(
                        relayWithAllShards(),
                        List.of(new Parking(readAll().messages().get(0), RETRY, 1, HOUR, "later")));

        assertThat(store().due(CHANNEL, allShards(), 100)).isEmpty();
    }

    @Test
    void aScheduledMessage_isDueWhenItsTimeHasCome_andBlocksNothing() {
        Instant soon = Instant.now().plusMillis(700);
        OutboxRecord plain = message("s", "k");
        append(new OutboxRecord("s", CHANNEL, "d", "k", "t", "c", Map.of(), plain.payload(), soon));

        assertThat(readAll().messages()).isEmpty();
        assertThat(parked("s").state()).isEqualTo(SCHEDULED);
        assertThat(store().hasBlocking(CHANNEL, allShards())).isFalse();
        await().until(() -> ids(store().due(CHANNEL, allShards(), 10)), List.of("s")::equals);
        assertThat(Instant.now()).isAfter(soon.minusMillis(100));
    }

    @Test
    void behind_givesTheRestOfTheKeyInItsOrder_upToADeadLetterThatBlocks() {
        park(RETRY, "a1", "a");
        park(BEHIND, "a2", "a");
        park(RETRY, "a3", "a");
        park(DEAD_BLOCKING, "a4", "a");
        park(BEHIND, "a5", "a");
        park(BEHIND, "b", "b");

        assertThat(ids(store().behind(parked("a1"), 10))).containsExactly("a2", "a3");
        assertThat(ids(store().behind(parked("a1"), 1))).containsExactly("a2");
    }

    @Test
    void blockingStates_blockTheirKeyInReads_othersDoNot() {
        park(BEHIND, "a", "a");
        park(DEAD, "d", "d");
        assertThat(store().hasBlocking(CHANNEL, allShards())).isTrue();
        append(message("a2", "a"), message("d2", "d"), message("n", null));

        List<StoredMessage> hot = readAll().messages();
        assertThat(readAll().blocked()).containsExactly(hot.get(0).id());
        assertThat(store().load(new long[] {hot.get(0).id(), hot.get(1).id()}).blocked())
                .containsExactly(hot.get(0).id());
        store().deleteParked(new long[] {parked("a").parkedId()});
        assertThat(store().hasBlocking(CHANNEL, allShards())).isFalse();
        assertThat(readAll().blocked()).isEmpty();
    }

    @Test
    void repark_changesTheState_withTheLeaseOnly() {
        String relay = relayWithAllShards();
        append(message("a", "a"));
        store().park(relay, List.of(parking(readAll().messages().get(0), RETRY)));

        assertThat(store().repark("somebody", parked("a"), DEAD, 9, Duration.ZERO, "no"))
                .isFalse();
        assertThat(store().repark(relay, parked("a"), DEAD, 2, Duration.ZERO, "gave up"))
                .isTrue();
        assertThat(parked("a").state()).isEqualTo(DEAD);
        assertThat(parked("a").attempts()).isEqualTo(2);
        assertThat(parked("a").lastError()).isEqualTo("gave up");
    }

    @Test
    void list_selectsByEachConditionAndPages() {
        park(DEAD, "a", "k1");
        park(DEAD, "b", "k2");
        park(RETRY, "c", "k1");

        ParkedQuery dead = ParkedQuery.deadLetters();
        assertThat(ids(store().list(dead))).containsExactly("a", "b");
        assertThat(ids(store().list(dead.withKey("k2")))).containsExactly("b");
        assertThat(ids(store().list(dead.withMessageId("a")))).containsExactly("a");
        assertThat(store().list(dead.withChannel("elsewhere"))).isEmpty();
        assertThat(store().list(dead.withDestination("elsewhere"))).isEmpty();
        assertThat(ids(store().list(dead.withErrorContaining("of b")))).containsExactly("b");
        assertThat(store().list(dead.withErrorContaining("%"))).isEmpty();
        assertThat(store().list(dead.withOlderThan(HOUR))).isEmpty();
        assertThat(ids(store().list(dead.withPage(parked("a").parkedId(), 1)))).containsExactly("b");
        assertThat(store().count(CHANNEL, Set.of(DEAD))).isEqualTo(2);
        assertThat(store().count(CHANNEL, Set.of(RETRY, BEHIND))).isEqualTo(1);
    }

    @Test
    void redrive_makesTheSelectedDueWithNoAttempts_spacedAsAsked() {
        park(DEAD, "a", null);
        park(DEAD, "b", null);
        park(DEAD_BLOCKING, "c", "k");

        assertThat(store().redrive(ParkedQuery.deadLetters().withKey("k"), Duration.ZERO))
                .isEqualTo(1);
        assertThat(parked("c").state()).isEqualTo(RETRY);
        assertThat(parked("c").attempts()).isZero();
        assertThat(parked("c").lastError()).isEqualTo("reason of c");
        assertThat(store().redrive(ParkedQuery.deadLetters(), HOUR)).isEqualTo(2);
        assertThat(Duration.between(parked("a").notBefore(), parked("b").notBefore()))
                .isBetween(HOUR, HOUR.plusSeconds(5));
    }

    @Test
    void discard_removesTheSelected_atMostTheLimit() {
        park(DEAD, "a", "k1");
        park(DEAD, "b", "k2");
        park(RETRY, "c", "k3");

        assertThat(store().discard(ParkedQuery.deadLetters().withPage(0, 1))).isEqualTo(1);
        assertThat(ids(store().list(ALL))).containsExactly("b", "c");
    }

    private void park(ParkedState state, String id, @Nullable String key) {
        append(message(id, key));
        store().park(
                        relayWithAllShardsOnce(),
                        List.of(parking(readAll().messages().get(0), state)));
    }

    private String relayWithAllShardsOnce() {
        String known = relay;
        if (known == null) {
            known = relayWithAllShards();
            relay = known;
        }
        return known;
    }

    private static Parking parking(StoredMessage message, ParkedState state) {
        return new Parking(
                message,
                state,
                1,
                Duration.ZERO,
                "reason of " + message.message().messageId());
    }

    private ParkedMessage parked(String messageId) {
        return store().list(ALL.withMessageId(messageId)).get(0);
    }

    private static List<String> ids(List<ParkedMessage> parked) {
        return parked.stream().map(p -> p.message().message().messageId()).toList();
    }
}
