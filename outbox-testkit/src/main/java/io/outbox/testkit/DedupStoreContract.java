package io.outbox.testkit;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.DedupStore;
import io.outbox.spi.KeptResult;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What every {@link DedupStore} must do. Each test runs on a store of its own, that has recorded nothing.
 *
 * @param <T> the handle of a transaction
 */
public abstract class DedupStoreContract<T> {
    private @Nullable StoreFixture<DedupStore<T>, T> fixture;

    /** For subclasses. */
    protected DedupStoreContract() {}

    /**
     * Makes the store of one test.
     *
     * @return a store that has recorded nothing, with transactions
     */
    protected abstract StoreFixture<DedupStore<T>, T> fixture();

    @BeforeEach
    final void makeFixture() {
        fixture = fixture();
    }

    private StoreFixture<DedupStore<T>, T> present() {
        return requireNonNull(fixture, "fixture");
    }

    private DedupStore<T> store() {
        return present().store();
    }

    private T begin() {
        return present().begin();
    }

    private void commit(T transaction) {
        present().commit(transaction);
    }

    private void rollback(T transaction) {
        present().rollback(transaction);
    }

    @Test
    void record_isNewOnce_inEachGroup() {
        assertThat(recorded("billing", "m1")).containsExactly("m1");
        assertThat(recorded("billing", "m1")).isEmpty();
        assertThat(recorded("shipping", "m1")).containsExactly("m1");
    }

    @Test
    void record_rolledBack_isForgotten() {
        T transaction = begin();
        store().record(transaction, "billing", List.of("m1"));
        rollback(transaction);

        assertThat(recorded("billing", "m1")).containsExactly("m1");
    }

    @Test
    void record_ofSeveral_tellsWhichAreNew_andKeepsTheTransactionUsable() {
        recorded("billing", "b");
        T transaction = begin();
        assertThat(store().record(transaction, "billing", List.of("a", "b", "c", "a")))
                .containsExactlyInAnyOrder("a", "c");
        assertThat(store().record(transaction, "billing", List.of("b"))).isEmpty();
        assertThat(store().record(transaction, "billing", List.of("d"))).containsExactly("d");
        commit(transaction);

        assertThat(recorded("billing", "d")).isEmpty();
    }

    @Test
    void aKeptResult_isReadByLaterTransactions_ofItsGroupOnly() {
        KeptResult kept = new KeptResult(new byte[32], new byte[] {1, 2, 3});
        T first = begin();
        store().record(first, "billing", List.of("m1"));
        store().keepResult(first, "billing", "m1", kept);
        commit(first);
        recorded("shipping", "m1");

        T second = begin();
        assertThat(store().record(second, "billing", List.of("m1"))).isEmpty();
        KeptResult read = store().result(second, "billing", "m1").orElseThrow();
        assertThat(read.contentHash()).isEqualTo(kept.contentHash());
        assertThat(read.result()).isEqualTo(kept.result());
        assertThat(store().result(second, "shipping", "m1")).isEmpty();
        assertThat(store().result(second, "billing", "m2")).isEmpty();
        rollback(second);
    }

    @Test
    void aResult_isKeptWithItsTransaction_andAMebibyteOfIt() {
        KeptResult kept = new KeptResult(new byte[32], new byte[1024 * 1024]);
        T first = begin();
        store().record(first, "billing", List.of("m1"));
        store().keepResult(first, "billing", "m1", kept);
        rollback(first);

        T second = begin();
        assertThat(store().record(second, "billing", List.of("m1"))).containsExactly("m1");
        store().keepResult(second, "billing", "m1", kept);
        assertThat(store().result(second, "billing", "m1").orElseThrow().result())
                .isEqualTo(kept.result());
        commit(second);
    }

    @Test
    void aConcurrentDuplicate_readsTheResultOfTheFirst() {
        T first = begin();
        store().record(first, "billing", List.of("m1"));
        CompletableFuture<Integer> length = CompletableFuture.supplyAsync(() -> {
            T second = begin();
            try {
                return store().record(second, "billing", List.of("m1")).isEmpty()
                        ? store().result(second, "billing", "m1").orElseThrow().result().length
                        : -1;
            } finally {
                rollback(second);
            }
        });
        store().keepResult(first, "billing", "m1", new KeptResult(new byte[32], new byte[7]));
        commit(first);

        assertThat(length).succeedsWithin(Duration.ofSeconds(30)).isEqualTo(7);
    }

    @Test
    void record_takesAnyText_andTellsTextsApartToTheLetter() {
        List<String> ids = List.of("a", "A", "a ", " a", "ä", "😀", "'; drop table x; --", "%", "x".repeat(200));
        for (String id : ids) {
            assertThat(recorded("billing", id)).containsExactly(id);
        }
        for (String id : ids) {
            assertThat(recorded("billing", id)).isEmpty();
        }
    }

    @Test
    void aConcurrentDuplicate_waitsForTheFirst_andIsOneWhenThatCommits() {
        T first = begin();
        store().record(first, "billing", List.of("m1"));
        CompletableFuture<Set<String>> second = recordElsewhere("m1");
        commit(first);

        await().until(second::isDone);
        assertThat(second.join()).isEmpty();
    }

    @Test
    void aConcurrentDuplicate_waitsForTheFirst_andIsNewWhenThatRollsBack() {
        T first = begin();
        store().record(first, "billing", List.of("m1"));
        CompletableFuture<Set<String>> second = recordElsewhere("m1");
        rollback(first);

        await().until(second::isDone);
        assertThat(second.join()).containsExactly("m1");
    }

    @Test
    void purge_forgetsWhatIsOldEnough_atMostTheLimit() {
        recorded("billing", "m1", "m2", "m3");

        assertThat(store().purge(Duration.ofHours(1), 10)).isZero();
        await().until(() -> store().purge(Duration.ofMillis(1), 2), forgotten -> forgotten == 2);
        assertThat(store().purge(Duration.ofMillis(1), 2)).isEqualTo(1);
        assertThat(recorded("billing", "m1")).containsExactly("m1");
    }

    private Set<String> recorded(String group, String... ids) {
        T transaction = begin();
        Set<String> fresh = store().record(transaction, group, List.of(ids));
        commit(transaction);
        return fresh;
    }

    /** Records in another thread; returns when that is about to. */
    private CompletableFuture<Set<String>> recordElsewhere(String id) {
        CountDownLatch begun = new CountDownLatch(1);
        CompletableFuture<Set<String>> result = CompletableFuture.supplyAsync(() -> {
            T transaction = begin();
            begun.countDown();
            Set<String> fresh = store().record(transaction, "billing", List.of(id));
            commit(transaction);
            return fresh;
        });
        await().until(() -> begun.getCount() == 0);
        return result;
    }
}
