package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.outbox.InvalidMessageException;
import io.outbox.NoTransactionException;
import io.outbox.StoreException;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.ReadResult;
import io.outbox.spi.StoredMessage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TimeZone;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Appending, reading and deleting. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class HotTableIT extends DatabaseTest {
    HotTableIT(Engine engine) {
        super(engine);
    }

    @Test
    void append_keepsEveryPartOfAMessage() throws SQLException {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("z", "last first: ü 😀 \"quoted\" \\ \n");
        headers.put("a", "");
        OutboxRecord sent = new OutboxRecord(
                "id-😀",
                "kanal-ü",
                "exchange/routing.key",
                "clé 😀",
                "order.paid",
                "application/json",
                headers,
                new byte[] {0, -128, 127, 1},
                null);

        append(sent);

        ReadResult read = store.read(new ReadRequest("kanal-ü", ALL_SHARDS, 0, 10, 100, false));
        StoredMessage stored = read.messages().get(0);
        assertThat(stored.message()).usingRecursiveComparison().isEqualTo(sent);
        assertThat(stored.message().headers().keySet()).containsExactly("z", "a");
        assertThat(stored.shard()).isEqualTo(sent.shard(OutboxSchema.DEFAULT_SHARDS));
        assertThat(stored.attempt()).isEqualTo(1);
        assertThat(stored.payloadSize()).isEqualTo(4);
        assertThat(stored.createdAt())
                .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
    }

    @Test
    void append_keepsTheOrderOfAList() throws SQLException {
        OutboxRecord[] messages = IntStream.range(0, 500)
                .mapToObj(i -> message("m" + i, i % 3 == 0 ? null : "k" + i % 7))
                .toArray(OutboxRecord[]::new);

        append(messages);

        assertThat(idsOf(waiting()))
                .containsExactlyElementsOf(
                        IntStream.range(0, 500).mapToObj(i -> "m" + i).toList());
        assertThat(waiting()).extracting(StoredMessage::id).isSorted();
    }

    @Test
    void append_afterARollback_leavesNothing() throws SQLException {
        OutboxRecord scheduled =
                new OutboxRecord("s", CHANNEL, "orders", null, "t", "text/plain", Map.of(), new byte[0], Instant.now());
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            store.append(connection, List.of(message("a", null), scheduled));
            connection.rollback();
        }

        assertThat(waiting()).isEmpty();
        assertThat(store.list(ALL_PARKED)).isEmpty();
    }

    @Test
    void append_withoutATransaction_isRefused() throws SQLException {
        Connection closed = dataSource.getConnection();
        closed.close();
        try (Connection connection = dataSource.getConnection()) {
            assertThatThrownBy(() -> store.append(connection, List.of(message("a", null))))
                    .isInstanceOf(NoTransactionException.class)
                    .hasMessageContaining("auto-commit")
                    .hasMessageContaining("setAutoCommit(false)");
            assertThatThrownBy(() -> store.append(closed, List.of(message("a", null))))
                    .isInstanceOf(NoTransactionException.class)
                    .hasMessageContaining("closed");
        }
        assertThat(waiting()).isEmpty();
    }

    @Test
    void append_needsNoSecondConnection() throws SQLException {
        try (var one = engine.freshDatabase().pool(true, 1)) {
            OutboxSchema.of(one).create();
            JdbcOutboxStore fresh = JdbcOutboxStore.of(one);
            try (Connection connection = one.getConnection()) {
                connection.setAutoCommit(false);
                fresh.append(connection, List.of(message("a", null)));
                connection.commit();
            }
            assertThat(fresh.shards()).isEqualTo(OutboxSchema.DEFAULT_SHARDS);
        }
    }

    @Test
    void append_thatTheDatabaseRefuses_saysWhatWithoutTheValues() throws SQLException {
        OutboxRecord tooLong = new OutboxRecord(
                "m", CHANNEL, "x".repeat(300), "k", "t", "secret/type", Map.of("h", "secret"), new byte[3], null);
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> store.append(connection, List.of(tooLong, tooLong)))
                    .isExactlyInstanceOf(StoreException.class)
                    .hasMessageStartingWith("could not append 2 messages (" + engine.tooLong())
                    .satisfies(e -> assertThat(e.getCause().toString()).doesNotContain("secret"));
            connection.rollback();
        }
    }

    @Test
    void append_forATimeThatCannotBeStored_isRefused() throws SQLException {
        OutboxRecord never =
                new OutboxRecord("m", CHANNEL, "orders", null, "t", "text/plain", Map.of(), new byte[0], Instant.MAX);
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> store.append(connection, List.of(never)))
                    .isInstanceOf(InvalidMessageException.class)
                    .hasMessageContaining("deliverAt of message m");
        }
    }

    @Test
    void read_returnsNoMoreThanAskedFor() throws SQLException {
        append(message("a", null), message("b", null), message("c", null));

        ReadResult first = store.read(new ReadRequest(CHANNEL, ALL_SHARDS, 0, 2, 100, false));
        ReadResult rest = read(first.messages().get(1).id());

        assertThat(idsOf(first.messages())).containsExactly("a", "b");
        assertThat(idsOf(rest.messages())).containsExactly("c");
        assertThat(read(rest.topId()).messages()).isEmpty();
        assertThat(read(rest.topId()).topId()).isEqualTo(rest.topId());
    }

    @Test
    void read_tellsTheHighestIdOfAnyShardAndChannel() throws SQLException {
        append(message("a", "a"));
        int shard = message("a", "a").shard(OutboxSchema.DEFAULT_SHARDS);
        OutboxRecord elsewhere =
                new OutboxRecord("b", "other", "orders", "b", "t", "text/plain", Map.of(), new byte[0], null);
        append(elsewhere);

        ReadResult own = store.read(new ReadRequest(CHANNEL, Set.of(shard), 0, 10, 100, false));
        ReadResult none = store.read(new ReadRequest(CHANNEL, Set.of((shard + 1) % 64), 0, 10, 100, false));

        assertThat(idsOf(own.messages())).containsExactly("a");
        assertThat(own.topId()).isGreaterThan(own.messages().get(0).id());
        assertThat(none.messages()).isEmpty();
        assertThat(none.topId()).isEqualTo(own.topId());
    }

    @Test
    void read_leavesOutLongPayloads() throws SQLException {
        append(message("short", null), message("a-long-one", null));
        int length = "payload of short".length();

        List<StoredMessage> read = store.read(new ReadRequest(CHANNEL, ALL_SHARDS, 0, 10, length, false))
                .messages();

        assertThat(read.get(0).isPayloadLeftOut()).isFalse();
        assertThat(read.get(1).isPayloadLeftOut()).isTrue();
        assertThat(read.get(1).payloadSize()).isEqualTo("payload of a-long-one".length());
        assertThat(store.load(new long[] {read.get(1).id()})
                        .messages()
                        .get(0)
                        .message()
                        .payload())
                .isEqualTo("payload of a-long-one".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void read_returnsAPayloadOfAMebibyte() throws SQLException {
        byte[] payload = new byte[1 << 20];
        payload[payload.length - 1] = 7;
        append(new OutboxRecord("m", CHANNEL, "orders", null, "t", "x", Map.of(), payload, null));

        assertThat(waiting().get(0).message().payload()).isEqualTo(payload);
    }

    @Test
    void idsBetween_listsTheLowestOfARange() throws SQLException {
        append(message("a", "a"), message("b", "b"), message("c", "c"), message("d", "d"));
        long[] ids = storeIds(waiting());

        assertThat(store.idsBetween(CHANNEL, ALL_SHARDS, ids[0], ids[2], 10)).containsExactly(ids[1], ids[2]);
        assertThat(store.idsBetween(CHANNEL, ALL_SHARDS, 0, Long.MAX_VALUE, 2)).containsExactly(ids[0], ids[1]);
        int shard = waiting().get(3).shard();
        assertThat(store.idsBetween(CHANNEL, Set.of(shard), 0, ids[3], 10)).contains(ids[3]);
        assertThat(store.idsBetween("other", ALL_SHARDS, 0, ids[3], 10)).isEmpty();
    }

    @Test
    void load_passesOverWhatIsGone() throws SQLException {
        append(message("a", null), message("b", null), message("c", null));
        long[] ids = storeIds(waiting());
        store.delete(new long[] {ids[1]});

        ReadResult loaded = store.load(new long[] {ids[2], ids[1], ids[0], Long.MAX_VALUE});

        assertThat(idsOf(loaded.messages())).containsExactly("a", "c");
        assertThat(store.load(new long[0]).messages()).isEmpty();
    }

    @Test
    void delete_ofWhatIsGone_doesNothing() throws SQLException {
        append(message("a", null), message("b", null));
        long[] ids = storeIds(waiting());

        store.delete(new long[] {ids[0]});
        store.delete(new long[] {ids[0], 99_999});

        assertThat(idsOf(waiting())).containsExactly("b");
    }

    @Test
    void append_keepsPayloadsOfAnyLength() throws SQLException {
        engine.allowLargePackets(dataSource);
        try (var other = engine.sameDatabase(dataSource)) {
            JdbcOutboxStore large = JdbcOutboxStore.of(other);
            for (int length : new int[] {1, 255, 256, 65_535, 65_536, engine.longestPayload()}) {
                byte[] payload = new byte[length];
                new Random(length).nextBytes(payload);
                OutboxRecord sent = new OutboxRecord("m", CHANNEL, "o", null, "t", "x", Map.of(), payload, null);
                Transactions.of(other).inTransaction(connection -> {
                    large.append(connection, List.of(sent));
                    return null;
                });
                long id = large.idsBetween(CHANNEL, ALL_SHARDS, 0, Long.MAX_VALUE, 1)[0];
                StoredMessage stored = large.load(new long[] {id}).messages().get(0);

                assertThat(Arrays.equals(stored.message().payload(), payload)).isTrue();
                assertThat(stored.payloadSize()).isEqualTo(length);
                large.delete(new long[] {id});
            }
        }
    }

    @Test
    void append_keepsHeadersAndKeysOfAnyScript() throws SQLException {
        String[] keys = {"😀".repeat(100), "\u202Eabc", "ﷺ", "क्षि", "a\tb", " ", "'; drop table x; --", "NULL", "\\"};
        for (String key : keys) {
            append(new OutboxRecord(key, CHANNEL, key, key, key, "x", Map.of(key, key), new byte[0], null));
        }

        assertThat(waiting()).extracting(m -> m.message().key()).containsExactly(keys);
        assertThat(waiting()).extracting(m -> m.message().messageId()).containsExactly(keys);
        assertThat(waiting()).extracting(m -> m.message().headers()).allMatch(h -> h.size() == 1);
        assertThat(waiting())
                .extracting(m -> m.message().headers().values().iterator().next())
                .containsExactly(keys);
    }

    @Test
    void delete_besideAnOpenWriter_doesNotWaitForIt() throws SQLException {
        assumeFalse(engine.hasOneWriter(), "every writer waits for the one before");
        OutboxRecord scheduled =
                new OutboxRecord("s", CHANNEL, "o", null, "t", "x", Map.of(), new byte[0], Instant.EPOCH);
        append(message("a", null), scheduled);
        try (Connection open = dataSource.getConnection()) {
            open.setAutoCommit(false);
            store.append(open, List.of(message("b", null), scheduled));
            append(message("c", null));

            store.delete(storeIds(waiting()));
            long[] parked = store.list(ALL_PARKED).stream()
                    .mapToLong(ParkedMessage::parkedId)
                    .toArray();
            store.deleteParked(parked);

            assertThat(waiting()).isEmpty();
            assertThat(store.list(ALL_PARKED)).isEmpty();
            open.commit();
        }
        assertThat(idsOf(waiting())).containsExactly("b");
    }

    @Test
    void oldestWaiting_isTheAgeOfTheFirst() throws SQLException {
        assertThat(store.oldestWaiting(CHANNEL)).isEmpty();
        append(message("a", null));
        append(message("b", null));
        long[] ids = storeIds(waiting());
        execute("update outbox_message set created_at = " + engine.longAgo() + " where id = " + ids[0]);

        assertThat(store.oldestWaiting(CHANNEL).orElseThrow()).isGreaterThan(Duration.ofDays(365));
        assertThat(store.oldestWaiting("other")).isEmpty();
        store.delete(new long[] {ids[0]});
        assertThat(store.oldestWaiting(CHANNEL).orElseThrow()).isBetween(Duration.ZERO, Duration.ofMinutes(5));
    }

    @Test
    void times_doNotDependOnTheTimeZoneOfTheProcess() throws SQLException {
        Instant deliverAt = Instant.parse("2030-07-01T12:34:56.789012Z");
        TimeZone before = TimeZone.getDefault();
        try {
            TimeZone.setDefault(TimeZone.getTimeZone("Pacific/Kiritimati"));
            append(new OutboxRecord("s", CHANNEL, "o", null, "t", "x", Map.of(), new byte[0], deliverAt));
            TimeZone.setDefault(TimeZone.getTimeZone("America/Los_Angeles"));
            try (var other = JdbcOutboxStore.of(dataSource)) {
                assertThat(other.list(ALL_PARKED).get(0).notBefore()).isEqualTo(deliverAt);
                assertThat(other.list(ALL_PARKED).get(0).message().createdAt())
                        .isBetween(Instant.now().minusSeconds(60), Instant.now().plusSeconds(60));
            }
        } finally {
            TimeZone.setDefault(before);
        }
    }
}
