package io.outbox.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.spi.ArchivedMessage;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Parking;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * What an {@link io.outbox.spi.ArchiveStore} promises. Subclass it and give it the store of your own.
 *
 * @param <T> the handle of a caller's transaction
 */
public abstract class ArchiveStoreContract<T> extends StoreContract<T> {
    /** For subclasses. */
    protected ArchiveStoreContract() {}

    @Test
    void archive_deletesFromTheHotTableAndKeepsEverythingOfTheMessage() {
        OutboxRecord sent = new OutboxRecord(
                "a", CHANNEL, "orders", "k", "order.paid", "text/plain", Map.of("h", "ü"), new byte[] {0, 1, -1}, null);
        append(sent, message("b", null));
        StoredMessage stored = readAll().messages().get(0);

        store().archive(new long[] {stored.id(), 999_999});

        assertThat(messageIds(readAll().messages())).containsExactly("b");
        assertThat(store().archived("a")).singleElement().satisfies(kept -> {
            assertThat(kept.message().id()).isEqualTo(stored.id());
            assertThat(kept.message().message().payload()).isEqualTo(sent.payload());
            assertThat(kept.message().message().headers()).isEqualTo(sent.headers());
            assertThat(kept.message().createdAt()).isEqualTo(stored.createdAt());
            assertThat(kept.publishedAt()).isAfterOrEqualTo(stored.createdAt());
        });
        assertThat(store().archived("b")).isEmpty();
    }

    @Test
    void archive_answersAsDeleteDoes() {
        append(message("a", null), message("b", null));
        List<StoredMessage> stored = readAll().messages();

        boolean known = store().delete(new long[] {stored.get(0).id()}).isPresent();

        assertThat(store().archive(new long[] {stored.get(1).id()}).isPresent()).isEqualTo(known);
    }

    @Test
    void archiveParked_keepsWhatWasPublishedFromThere() {
        append(message("a", "k"));
        StoredMessage stored = readAll().messages().get(0);
        store().park(relayWithAllShards(), List.of(new Parking(stored, ParkedState.RETRY, 1, Duration.ZERO, "why")));
        long parkedId =
                store().list(ParkedQuery.inState(ParkedState.RETRY)).get(0).parkedId();

        store().archiveParked(new long[] {parkedId});

        assertThat(store().list(ParkedQuery.inState(ParkedState.RETRY))).isEmpty();
        assertThat(store().archived("a"))
                .extracting(kept -> kept.message().id())
                .containsExactly(stored.id());
    }

    @Test
    void archived_givesEveryCopyOfAnIdThatWasUsedTwice() {
        for (int i = 0; i < 2; i++) {
            append(message("a", null));
            store().archive(new long[] {readAll().messages().get(0).id()});
        }

        assertThat(store().archived("a"))
                .hasSize(2)
                .extracting(ArchivedMessage::publishedAt)
                .isSorted();
    }

    @Test
    void purgeArchive_takesTheOldestUpToItsLimit_andNothingYounger() {
        for (String id : List.of("a", "b", "c")) {
            append(message(id, null));
            store().archive(new long[] {readAll().messages().get(0).id()});
        }

        assertThat(store().purgeArchive(Duration.ofHours(1), 10)).isZero();
        assertThat(store().purgeArchive(Duration.ZERO, 2)).isEqualTo(2);

        assertThat(store().archived("a")).isEmpty();
        assertThat(store().archived("b")).isEmpty();
        assertThat(store().archived("c")).hasSize(1);
        assertThat(store().purgeArchive(Duration.ZERO, 2)).isEqualTo(1);
    }
}
