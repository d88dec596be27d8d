package io.outbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.NoTransactionException;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.ReadResult;
import io.outbox.spi.StoredMessage;
import io.outbox.spi.WriterSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/**
 * What every {@link io.outbox.spi.OutboxStore} must do with messages in the hot table. See {@link LeaseStoreContract} and
 * {@link ParkedStoreContract} for the rest.
 *
 * @param <T> the handle of a caller's transaction
 */
public abstract class OutboxStoreContract<T> extends StoreContract<T> {
    /** For subclasses. */
    protected OutboxStoreContract() {}

    /**
     * Tells whether the store knows running transactions, that is, gives {@link WriterSnapshot#known()}.
     *
     * @return whether it does
     */
    protected abstract boolean knowsWriters();

    /**
     * Returns something that is no open transaction, which {@code append} must refuse: a connection in auto-commit mode, or
     * a transaction that has ended.
     *
     * @return a handle that must be refused
     */
    protected abstract T notATransaction();

    @Test
    void append_isVisibleAfterTheCommitAndNotBefore() {
        T transaction = begin();
        store().append(transaction, List.of(message("a", "k")));
        assertThat(readAll().messages()).isEmpty();
        commit(transaction);

        assertThat(messageIds(readAll().messages())).containsExactly("a");
    }

    @Test
    void append_rolledBack_neverExisted() {
        T transaction = begin();
        store().append(transaction, List.of(message("a", "k")));
        rollback(transaction);

        assertThat(readAll().messages()).isEmpty();
    }

    @Test
    void append_withoutATransaction_isRefused() {
        T none = notATransaction();
        assertThatThrownBy(() -> store().append(none, List.of(message("a", "k"))))
                .isInstanceOf(NoTransactionException.class);
    }

    @Test
    void append_keepsEverythingByteForByte() {
        byte[] bytes = new byte[256];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) i;
        }
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        headers.put("名前", "😀 \"quoted\" \\ \n ' ; drop table x --");
        OutboxRecord sent = new OutboxRecord(
                "id 😀'", CHANNEL, "dest'); --", "key 😀\"", "type ü", "a/b; c=\"d\"", headers, bytes, null);
        append(
                sent,
                message("none", null),
                new OutboxRecord("e", CHANNEL, "d", null, "t", "c", Map.of(), new byte[0], null));

        List<StoredMessage> read = readAll().messages();
        assertThat(read.get(0).message()).usingRecursiveComparison().isEqualTo(sent);
        assertThat(read.get(0).message().headers().keySet()).containsExactly("traceparent", "名前");
        assertThat(read.get(1).message().key()).isNull();
        assertThat(read.get(2).message().payload()).isEmpty();
        assertThat(read.get(2).isPayloadLeftOut()).isFalse();
    }

    @Test
    void append_placesEachMessageInItsShard() {
        append(message("a", "k1"), message("b", "k2"), message("c", null));

        for (StoredMessage stored : readAll().messages()) {
            assertThat(stored.shard()).isEqualTo(stored.message().shard(store().shards()));
        }
    }

    @Test
    void read_givesAscendingIdsInTheOrderWrittenFromTheCursorOn() {
        append(message("a", "k"), message("b", "k"));
        append(message("c", "k"));

        List<StoredMessage> all = readAll().messages();
        assertThat(messageIds(all)).containsExactly("a", "b", "c");
        assertThat(all).extracting(StoredMessage::id).isSorted().doesNotHaveDuplicates();
        assertThat(messageIds(read(all.get(0).id(), 1).messages())).containsExactly("b");
        assertThat(all).allSatisfy(m -> assertThat(m.attempt()).isEqualTo(1));
    }

    @Test
    void read_givesTheChannelsAndShardsAskedForOnly() {
        append(message("a", "k"), message("other", "elsewhere", "k"));
        int shard = OutboxRecord.shardOf("k", store().shards());
        int another = (shard + 1) % store().shards();

        assertThat(messageIds(readAll().messages())).containsExactly("a");
        assertThat(store().read(new ReadRequest(CHANNEL, Set.of(another), 0, 10, 100, false))
                        .messages())
                .isEmpty();
        assertThat(store().read(new ReadRequest(CHANNEL, Set.of(shard), 0, 10, 100, false))
                        .messages())
                .hasSize(1);
    }

    @Test
    void read_tellsTheHighestVisibleIdOfAnyChannel() {
        assertThat(read(7, 10).topId()).isEqualTo(7);
        append(message("a", "k"), message("other", "elsewhere", "k"));

        ReadResult result = readAll();
        assertThat(result.topId()).isGreaterThan(result.messages().get(0).id());
    }

    @Test
    void read_leavesLongPayloadsOut_andLoadBringsThem() {
        append(message("a", "k"));
        StoredMessage without = store().read(new ReadRequest(CHANNEL, allShards(), 0, 10, 3, false))
                .messages()
                .get(0);

        assertThat(without.isPayloadLeftOut()).isTrue();
        assertThat(without.payloadSize()).isEqualTo("payload of a".length());
        StoredMessage loaded = store().load(new long[] {without.id(), without.id() + 1000})
                .messages()
                .get(0);
        assertThat(loaded.message().payload()).isEqualTo(message("a", "k").payload());
    }

    @Test
    void aLateCommit_isFoundBelowTheCursor() {
        if (hasOneWriter()) {
            aSecondWriterWaitsAndHasHigherIds();
            return;
        }
        T late = begin();
        store().append(late, List.of(message("late", "a")));
        append(message("early", "b"));
        long cursor = readAll().topId();
        assertThat(store().idsBetween(CHANNEL, allShards(), 0, cursor, 10)).hasSize(1);
        commit(late);

        long[] ids = store().idsBetween(CHANNEL, allShards(), 0, cursor, 10);
        assertThat(ids).hasSize(2).isSorted();
        assertThat(store().idsBetween(CHANNEL, allShards(), 0, cursor, 1)).containsExactly(ids[0]);
        assertThat(messageIds(store().load(ids).messages())).containsExactly("late", "early");
    }

    private void aSecondWriterWaitsAndHasHigherIds() {
        T first = begin();
        store().append(first, List.of(message("first", "a")));
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> append(message("second", "b")));
        commit(first);
        second.join();

        assertThat(messageIds(readAll().messages())).containsExactly("first", "second");
    }

    @Test
    void theWritersSnapshot_hasAnOpenWriterUnfinished_andADeletionIsNumberedAboveIt() {
        if (!knowsWriters()) {
            assertThat(readAll().writers().known()).isFalse();
            assertThat(store().load(new long[] {1}).writers().known()).isFalse();
            assertThat(store().delete(new long[] {1})).isEmpty();
            return;
        }
        T writer = begin();
        store().append(writer, List.of(message("open", "a")));
        if (hasOneWriter()) {
            assertThat(readAll().writers().running()).isEmpty();
            assertThat(readAll().writers().areIds()).isFalse();
            commit(writer);
            return;
        }
        append(message("done", "b"));
        OptionalLong number = store().delete(new long[] {readAll().topId()});
        WriterSnapshot during = readAll().writers();
        commit(writer);
        WriterSnapshot after = store().load(new long[] {1}).writers();

        assertThat(during.known()).isTrue();
        assertThat(during.areIds()).isEqualTo(number.isEmpty());
        number.ifPresent(n -> {
            assertThat(during.oldestUnfinished()).isLessThan(n);
            assertThat(during.isFinished(n)).isTrue();
        });
        assertThat(after.isFinished(during.oldestUnfinished())).isTrue();
    }

    @Test
    void delete_removesTheIdsGiven_repeatedlyWithoutHarm() {
        append(message("a", "k"), message("b", "k"), message("c", "k"));
        List<StoredMessage> all = readAll().messages();
        long[] ids = {all.get(0).id(), all.get(2).id()};
        store().delete(ids);
        store().delete(ids);

        assertThat(messageIds(readAll().messages())).containsExactly("b");
    }

    @Test
    void oldestWaiting_isTheAgeOfTheChannelsFirstMessage() {
        assertThat(store().oldestWaiting(CHANNEL)).isEmpty();
        append(message("other", "elsewhere", "k"));
        assertThat(store().oldestWaiting(CHANNEL)).isEmpty();
        append(message("a", "k"));

        assertThat(store().oldestWaiting(CHANNEL))
                .hasValueSatisfying(age -> assertThat(age).isBetween(Duration.ZERO, Duration.ofMinutes(1)));
    }

    @Test
    void manyWriters_andAReaderThatFollowsTheRules_missNothing() throws InterruptedException {
        int writers = 4;
        int each = 50;
        List<Thread> threads = new ArrayList<>();
        for (int w = 0; w < writers; w++) {
            int writer = w;
            Thread thread = new Thread(() -> {
                for (int i = 0; i < each; i++) {
                    append(message(writer + "-" + i, "k" + writer));
                }
            });
            threads.add(thread);
            thread.start();
        }
        Set<Long> seen = new TreeSet<>();
        boolean writing = true;
        while (writing) {
            writing = threads.stream().anyMatch(Thread::isAlive);
            for (StoredMessage message : read(0, 10_000).messages()) {
                seen.add(message.id());
            }
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(seen).hasSize(writers * each);
    }
}
