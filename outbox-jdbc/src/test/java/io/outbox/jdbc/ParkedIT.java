package io.outbox.jdbc;

import static io.outbox.spi.ParkedState.BEHIND;
import static io.outbox.spi.ParkedState.DEAD;
import static io.outbox.spi.ParkedState.DEAD_BLOCKING;
import static io.outbox.spi.ParkedState.RETRY;
import static io.outbox.spi.ParkedState.SCHEDULED;
import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.StoredMessage;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Parking, retrying, listing and deciding. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class ParkedIT extends DatabaseTest {
    private static final Duration HOUR = Duration.ofHours(1);

    ParkedIT(Engine engine) {
        super(engine);
    }

    private List<String> due() {
        return messageIds(store.due(CHANNEL, ALL_SHARDS, 100));
    }

    private static List<String> messageIds(List<ParkedMessage> parked) {
        return parked.stream().map(p -> p.message().message().messageId()).toList();
    }

    private ParkedMessage parked(String messageId) {
        return store.list(ALL_PARKED.withMessageId(messageId)).get(0);
    }

    @Test
    void park_movesTheRowWithAllItHas() throws SQLException {
        String relay = relayWithAllShards();
        OutboxRecord sent = new OutboxRecord(
                "m1", CHANNEL, "orders", "k", "t", "text/plain", Map.of("a", "ü😀"), new byte[] {0, 1, -1}, null);
        append(sent);
        StoredMessage hot = waiting().get(0);

        boolean done = store.park(relay, List.of(new io.outbox.spi.Parking(hot, RETRY, 3, HOUR, "no\0pe")));

        assertThat(done).isTrue();
        assertThat(waiting()).isEmpty();
        ParkedMessage parked = parked("m1");
        assertThat(parked.state()).isEqualTo(RETRY);
        assertThat(parked.attempts()).isEqualTo(3);
        assertThat(parked.lastError()).isEqualTo("no\uFFFDpe");
        assertThat(Duration.between(parked.parkedAt(), parked.notBefore()))
                .isBetween(HOUR.minusSeconds(5), HOUR.plusSeconds(5));
        assertThat(parked.message().id()).isEqualTo(hot.id());
        assertThat(parked.message().attempt()).isEqualTo(4);
        assertThat(parked.message().createdAt()).isEqualTo(hot.createdAt());
        assertThat(parked.message().message()).usingRecursiveComparison().isEqualTo(sent);
    }

    @Test
    void park_withoutTheLeases_movesNothing() throws SQLException {
        String relay = relayWithAllShards();
        append(message("a", "a"), message("b", "b"));
        List<StoredMessage> hot = waiting();
        store.release(CHANNEL, relay, Set.of(hot.get(1).shard()));

        boolean done = store.park(
                relay, List.of(parking(hot.get(0), RETRY, Duration.ZERO), parking(hot.get(1), RETRY, Duration.ZERO)));

        assertThat(done).isFalse();
        assertThat(waiting()).hasSize(2);
        assertThat(parkedIds()).isEmpty();
    }

    @Test
    void park_passesOverWhatIsGone() throws SQLException {
        String relay = relayWithAllShards();
        append(message("a", "a"), message("b", "b"));
        List<StoredMessage> hot = waiting();
        store.delete(new long[] {hot.get(0).id()});

        boolean done = store.park(
                relay, List.of(parking(hot.get(0), RETRY, Duration.ZERO), parking(hot.get(1), RETRY, Duration.ZERO)));

        assertThat(done).isTrue();
        assertThat(parkedIds()).containsExactly("b RETRY");
    }

    @Test
    void park_loadsPayloadsThatWereLeftOut() throws SQLException {
        String relay = relayWithAllShards();
        append(message("a", "a"));
        StoredMessage without = store.read(new io.outbox.spi.ReadRequest(CHANNEL, ALL_SHARDS, 0, 1, 1, false))
                .messages()
                .get(0);

        store.park(relay, List.of(parking(without, RETRY, Duration.ZERO)));

        assertThat(without.isPayloadLeftOut()).isTrue();
        assertThat(parked("a").message().message().payload()).isEqualTo("payload of a".getBytes());
    }

    @Test
    void due_givesScheduledMessagesWhenTheirTimeHasCome() throws SQLException {
        Instant now = Instant.now().truncatedTo(ChronoUnit.MICROS);
        OutboxRecord plain = message("x", "k");
        for (int i = -2; i <= 2; i++) {
            append(new OutboxRecord(
                    "at" + i,
                    CHANNEL,
                    "orders",
                    "k",
                    "t",
                    plain.contentType(),
                    Map.of(),
                    plain.payload(),
                    now.plus(Duration.ofMinutes(2L * i - 1))));
        }

        assertThat(waiting()).isEmpty();
        assertThat(due()).containsExactly("at-2", "at-1", "at0");
        assertThat(store.hasBlocking(CHANNEL, ALL_SHARDS)).isFalse();
        ParkedMessage first = store.due(CHANNEL, ALL_SHARDS, 1).get(0);
        assertThat(first.state()).isEqualTo(SCHEDULED);
        assertThat(first.message().id()).isZero();
        assertThat(first.message().message().deliverAt()).isEqualTo(now.minus(Duration.ofMinutes(5)));
        assertThat(first.notBefore()).isEqualTo(now.minus(Duration.ofMinutes(5)));
    }

    @Test
    void due_givesTheFirstOfEachKey() throws SQLException {
        String relay = relayWithAllShards();
        park(relay, "a", RETRY, BEHIND, BEHIND);
        park(relay, "b", BEHIND, RETRY);
        park(relay, "c", DEAD_BLOCKING, BEHIND);
        park(relay, "d", DEAD, BEHIND);

        assertThat(due()).containsExactlyInAnyOrder("a-0", "b-0", "d-1");
        assertThat(store.hasBlocking(CHANNEL, ALL_SHARDS)).isTrue();

        store.deleteParked(new long[] {parked("a-0").parkedId()});
        assertThat(due()).containsExactlyInAnyOrder("a-1", "b-0", "d-1");
    }

    @Test
    void due_waitsForTheFirstOfAKey() throws SQLException {
        String relay = relayWithAllShards();
        park(relay, "a", RETRY, BEHIND, RETRY);
        store.repark(relay, parked("a-0"), RETRY, 1, HOUR, "again");

        assertThat(due()).isEmpty();
    }

    @Test
    void due_withoutAKey_isNeverBlocked() throws SQLException {
        String relay = relayWithAllShards();
        append(message("a", null), message("b", null));
        List<StoredMessage> hot = waiting();
        store.park(relay, List.of(parking(hot.get(0), RETRY, HOUR), parking(hot.get(1), BEHIND, Duration.ZERO)));

        assertThat(due()).containsExactly("b");
        assertThat(store.hasBlocking(CHANNEL, ALL_SHARDS)).isFalse();
        assertThat(store.behind(parked("a"), 10)).isEmpty();
    }

    private List<StoredMessage> appendWithKeysOfTheirOwn(int count) throws SQLException {
        OutboxRecord[] messages = new OutboxRecord[count];
        for (int i = 0; i < count; i++) {
            messages[i] = message("m" + i, "key" + i);
        }
        append(messages);
        return store.read(new io.outbox.spi.ReadRequest(CHANNEL, ALL_SHARDS, 0, count, 1000, false))
                .messages();
    }

    @Test
    void due_findsEveryKeyAmongManyThatStayBlocked() throws SQLException {
        String relay = relayWithAllShards();
        List<io.outbox.spi.Parking> parkings = new ArrayList<>();
        for (StoredMessage hot : appendWithKeysOfTheirOwn(3000)) {
            boolean isBlocked = hot.id() % 1000 != 7;
            parkings.add(parking(hot, isBlocked ? DEAD_BLOCKING : BEHIND, Duration.ZERO));
        }
        store.park(relay, parkings);

        Set<String> found = new java.util.HashSet<>();
        for (int i = 0; i < 10; i++) {
            found.addAll(due());
        }

        assertThat(found).containsExactlyInAnyOrder("m6", "m1006", "m2006");
    }

    @Test
    void due_goesOnBehindKeysThatHaveDeadLettersOnly() throws SQLException {
        String relay = relayWithAllShards();
        List<StoredMessage> hot = appendWithKeysOfTheirOwn(2500);
        store.park(relay, hot.stream().map(m -> parking(m, DEAD, Duration.ZERO)).toList());
        assertThat(store.hasBlocking(CHANNEL, ALL_SHARDS)).isFalse();

        park(relay, "last", RETRY, BEHIND);
        assertThat(store.hasBlocking(CHANNEL, ALL_SHARDS)).isTrue();
        store.repark(relay, parked("last-0"), DEAD, 1, Duration.ZERO, "refused");
        Set<String> found = new java.util.HashSet<>();
        for (int i = 0; i < 5; i++) {
            found.addAll(due());
        }
        assertThat(found).containsExactly("last-1");
    }

    @Test
    void due_ofOtherShardsAndChannels_isLeftAlone() throws SQLException {
        String relay = relayWithAllShards();
        park(relay, "a", RETRY);
        int shard = OutboxRecord.shardOf("a", 64);

        assertThat(store.due("other", ALL_SHARDS, 10)).isEmpty();
        assertThat(store.due(CHANNEL, Set.of((shard + 1) % 64), 10)).isEmpty();
        assertThat(store.due(CHANNEL, Set.of(shard), 10)).hasSize(1);
        assertThat(store.hasBlocking(CHANNEL, Set.of((shard + 1) % 64))).isFalse();
        assertThat(store.hasBlocking("other", ALL_SHARDS)).isFalse();
    }

    @Test
    void behind_endsAtABlockingDeadLetter() throws SQLException {
        String relay = relayWithAllShards();
        park(relay, "a", RETRY, BEHIND, DEAD, RETRY, DEAD_BLOCKING, BEHIND);
        ParkedMessage head = parked("a-0");

        assertThat(messageIds(store.behind(head, 10))).containsExactly("a-1", "a-3");
        assertThat(messageIds(store.behind(head, 1))).containsExactly("a-1");
    }

    @Test
    void read_tellsWhichMessagesAreBlocked() throws SQLException {
        String relay = relayWithAllShards();
        park(relay, "a", RETRY);
        park(relay, "b", DEAD);
        append(message("a-1", "a"), message("b-1", "b"), message("c-1", null));

        List<StoredMessage> hot = waiting();
        assertThat(read(0).blocked()).containsExactly(hot.get(0).id());
        assertThat(store.load(storeIds(hot)).blocked())
                .containsExactly(hot.get(0).id());
    }

    @Test
    void keysThatLookAlike_areDifferentKeys() throws SQLException {
        String relay = relayWithAllShards();
        List<String> alike = List.of(
                "key", "Key", "KEY", "kéy", "ke\u0301y", "key ", " key", "ｋｅｙ", "key\t", "key\u00a0", "ßkey", "sskey");
        for (String key : alike) {
            park(relay, key, RETRY);
        }

        Set<String> heads = new java.util.HashSet<>();
        store.due(CHANNEL, ALL_SHARDS, 100)
                .forEach(p -> heads.add(p.message().message().key()));
        assertThat(heads).containsExactlyInAnyOrderElementsOf(alike);
        for (String key : alike) {
            assertThat(store.list(ALL_PARKED.withKey(key))).hasSize(1);
            ParkedMessage head = store.list(ALL_PARKED.withKey(key)).get(0);
            assertThat(store.behind(head, 10)).isEmpty();
            store.deleteParked(new long[] {head.parkedId()});
            append(message("next of " + key, key));
        }
        assertThat(read(0).blocked()).isEmpty();
        store.delete(storeIds(waiting()));
        park(relay, "other", RETRY);
        park(relay, "Other", DEAD_BLOCKING);
        assertThat(store.discard(ALL_PARKED.withKey("OTHER"))).isZero();
        assertThat(store.discard(ALL_PARKED.withKey("Other"))).isEqualTo(1);
    }

    @Test
    void repark_needsTheLeaseAndTheMessage() throws SQLException {
        String relay = relayWithAllShards();
        park(relay, "a", RETRY);
        ParkedMessage head = parked("a-0");

        assertThat(store.repark("another", head, DEAD, 5, Duration.ZERO, "x")).isFalse();
        assertThat(store.repark(relay, head, DEAD, 5, HOUR, "given up")).isTrue();
        assertThat(parked("a-0").state()).isEqualTo(DEAD);
        assertThat(parked("a-0").attempts()).isEqualTo(5);
        assertThat(parked("a-0").lastError()).isEqualTo("given up");
        store.deleteParked(new long[] {head.parkedId()});
        assertThat(store.repark(relay, head, DEAD, 5, Duration.ZERO, "x")).isFalse();
    }

    @Test
    void list_selectsByEveryCondition() throws SQLException {
        String relay = relayWithAllShards();
        park(relay, "a", DEAD, DEAD, RETRY);
        park(relay, "b", DEAD_BLOCKING);
        store.repark(relay, parked("a-1"), DEAD, 2, Duration.ZERO, "quota 100% used_up");

        assertThat(messageIds(store.list(ParkedQuery.deadLetters()))).containsExactly("a-0", "a-1", "b-0");
        assertThat(messageIds(store.list(ParkedQuery.inState(DEAD)))).containsExactly("a-0", "a-1");
        assertThat(messageIds(store.list(ALL_PARKED.withKey("b")))).containsExactly("b-0");
        assertThat(messageIds(store.list(ALL_PARKED.withMessageId("a-2")))).containsExactly("a-2");
        assertThat(messageIds(store.list(ALL_PARKED.withErrorContaining("100% used_"))))
                .containsExactly("a-1");
        assertThat(store.list(ALL_PARKED.withErrorContaining("QUOTA"))).isEmpty();
        assertThat(store.list(ALL_PARKED.withDestination("nowhere"))).isEmpty();
        assertThat(store.list(ALL_PARKED.withDestination("orders").withChannel(CHANNEL)))
                .hasSize(4);
        assertThat(store.list(ALL_PARKED.withChannel("other"))).isEmpty();
        assertThat(store.list(ALL_PARKED.withOlderThan(HOUR))).isEmpty();
        assertThat(store.list(ALL_PARKED.withOlderThan(Duration.ZERO))).hasSize(4);
        long second = parked("a-1").parkedId();
        assertThat(messageIds(store.list(ALL_PARKED.withPage(second, 1)))).containsExactly("a-2");
        assertThat(store.count(CHANNEL, Set.of(DEAD, RETRY))).isEqualTo(3);
        assertThat(store.count("other", Set.of(DEAD))).isZero();
    }

    @Test
    void redrive_makesMessagesDueOneAfterTheOther() throws SQLException {
        String relay = relayWithAllShards();
        park(relay, "a", DEAD, DEAD);
        park(relay, "b", DEAD, RETRY);

        int count = store.redrive(ParkedQuery.deadLetters(), HOUR);

        assertThat(count).isEqualTo(3);
        assertThat(due()).isEmpty();
        assertThat(parkedIds()).containsExactly("a-0 RETRY", "a-1 RETRY", "b-0 RETRY", "b-1 RETRY");
        assertThat(parked("a-0").attempts()).isZero();
        assertThat(parked("a-0").lastError()).isEqualTo("refused");
        assertThat(Duration.between(parked("a-0").notBefore(), parked("b-0").notBefore()))
                .isBetween(
                        HOUR.multipliedBy(2).minusSeconds(5),
                        HOUR.multipliedBy(2).plusSeconds(5));
        assertThat(store.redrive(ALL_PARKED, Duration.ZERO)).isEqualTo(4);
        assertThat(due()).containsExactly("a-0", "b-0");
    }

    @Test
    void discard_deletesAtMostItsLimit() throws SQLException {
        String relay = relayWithAllShards();
        park(relay, "a", DEAD, DEAD, DEAD, RETRY);

        assertThat(store.discard(ParkedQuery.deadLetters().withPage(0, 2))).isEqualTo(2);
        assertThat(parkedIds()).containsExactly("a-2 DEAD", "a-3 RETRY");
        assertThat(store.discard(ParkedQuery.deadLetters())).isEqualTo(1);
        assertThat(store.discard(ParkedQuery.deadLetters())).isZero();
    }

    @Test
    void operators_besideARunningRelay_loseNothingAndDecideOnce() throws Exception {
        String relay = relayWithAllShards();
        for (int i = 0; i < 40; i++) {
            park(relay, "k" + i, DEAD, DEAD, DEAD, DEAD, DEAD);
        }

        CompletableFuture<Integer> one = CompletableFuture.supplyAsync(() -> untilNone(3));
        CompletableFuture<Integer> other = CompletableFuture.supplyAsync(() -> untilNone(7));
        CompletableFuture<Integer> deleted = CompletableFuture.supplyAsync(() -> {
            int count = 0;
            while (count < 200) {
                long[] ids = store.due(CHANNEL, ALL_SHARDS, 10).stream()
                        .mapToLong(ParkedMessage::parkedId)
                        .toArray();
                if (ids.length > 0) {
                    store.deleteParked(ids);
                    count += ids.length;
                }
            }
            return count;
        });

        assertThat(one.get() + other.get()).isEqualTo(200);
        assertThat(deleted.get()).isEqualTo(200);
        assertThat(parkedIds()).isEmpty();
    }

    private int untilNone(int page) {
        int count = 0;
        for (int n = 1; n > 0; count += n) {
            n = store.redrive(ParkedQuery.deadLetters().withPage(0, page), Duration.ZERO);
        }
        return count;
    }
}
