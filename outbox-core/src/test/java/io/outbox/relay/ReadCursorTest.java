package io.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.spi.WriterSnapshot;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReadCursorTest {
    private final ReadCursor cursor = new ReadCursor(Duration.ofSeconds(60));

    @Test
    void lateFrom_withoutAnyFinishedTransaction_searchesNothing() {
        cursor.advance(100, WriterSnapshot.of(10, 7), 0);

        assertThat(cursor.lateFrom(WriterSnapshot.of(10, 7), 0)).isEqualTo(100);
    }

    @Test
    void lateFrom_whenAnOldTransactionFinished_searchesFromTheMarkBelowIt() {
        cursor.mark(50, 5);
        cursor.advance(100, WriterSnapshot.of(10, 7), 0);

        assertThat(cursor.lateFrom(WriterSnapshot.of(10), 0)).isEqualTo(50);
    }

    @Test
    void lateFrom_whenATransactionAboveNextFinished_searchesToo() {
        cursor.advance(100, WriterSnapshot.of(10), 0);

        assertThat(cursor.lateFrom(WriterSnapshot.of(11), 0)).isZero();
    }

    @Test
    void lateFrom_whenOnlyOwnDeletionsFinished_searchesNothing() {
        cursor.advance(100, WriterSnapshot.of(10), 0);
        cursor.mark(100, 10);
        cursor.mark(100, 11);

        assertThat(cursor.lateFrom(WriterSnapshot.of(12), 0)).isEqualTo(100);
    }

    @Test
    void lateFrom_withUnknownWriters_searchesWhatWasReadWithinTheLongestTransaction() {
        cursor.advance(100, WriterSnapshot.unknown(), 0);
        cursor.advance(200, WriterSnapshot.unknown(), Duration.ofSeconds(30).toNanos());

        assertThat(cursor.lateFrom(
                        WriterSnapshot.unknown(), Duration.ofSeconds(31).toNanos()))
                .isZero();
        assertThat(cursor.lateFrom(
                        WriterSnapshot.unknown(), Duration.ofSeconds(61).toNanos()))
                .isEqualTo(100);
    }

    @Test
    void lateFrom_withIds_searchesWhatWasReadWithinASecond() {
        cursor.advance(100, WriterSnapshot.ofIds(101), 0);
        cursor.advance(200, WriterSnapshot.ofIds(201), seconds(2));

        assertThat(cursor.lateFrom(WriterSnapshot.ofIds(201), seconds(2))).isEqualTo(100);
        cursor.advance(200, WriterSnapshot.ofIds(201), seconds(4));
        assertThat(cursor.lateFrom(WriterSnapshot.ofIds(201), seconds(4))).isEqualTo(200);
    }

    @Test
    void lateFrom_withIdsAfterALongPause_searchesWhatTheStepBeforeHasRead() {
        cursor.advance(100, WriterSnapshot.ofIds(101), 0);

        assertThat(cursor.lateFrom(WriterSnapshot.ofIds(101), seconds(300))).isZero();
    }

    @Test
    void lateFrom_whenAnOldMessageIsCommitted_searchesFromItsId() {
        cursor.advance(100, WriterSnapshot.ofIds(101, 40, 60), 0);
        cursor.advance(100, WriterSnapshot.ofIds(101, 40, 60), seconds(9));

        assertThat(cursor.lateFrom(WriterSnapshot.ofIds(101, 40, 60), seconds(9)))
                .isEqualTo(100);
        assertThat(cursor.lateFrom(WriterSnapshot.ofIds(101, 40), seconds(9))).isEqualTo(59);
        assertThat(cursor.lateFrom(WriterSnapshot.ofIds(101), seconds(9))).isEqualTo(39);
    }

    @Test
    void lateFrom_withIdsNotLookedAtYet_searchesThem() {
        cursor.advance(100, WriterSnapshot.ofIds(81), 0);
        cursor.advance(100, WriterSnapshot.ofIds(81), seconds(9));

        assertThat(cursor.lateFrom(WriterSnapshot.ofIds(101), seconds(9))).isEqualTo(80);
    }

    private static long seconds(int seconds) {
        return Duration.ofSeconds(seconds).toNanos();
    }

    @Test
    void requestRewind_movesThePositionDownAtTheNextStepOnly() {
        cursor.advance(100, WriterSnapshot.of(10), 0);
        cursor.requestRewind(40);
        cursor.requestRewind(60);

        assertThat(cursor.position()).isEqualTo(100);
        cursor.rewindIfRequested();
        assertThat(cursor.position()).isEqualTo(40);
    }

    /** A database of transactions with numbers and ids, read by the cursor's rules: no late commit is left behind. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void reading_withRandomTransactions_handsOnEverythingVisibleAtEachStep(long seed) {
        Model model = new Model(new Random(seed));
        for (int step = 0; step < 5000; step++) {
            model.randomStep();
        }
        assertThat(model.missed).isEmpty();
        assertThat(model.searched).isLessThan(model.handedOn.size() * 5L);
    }

    /** Transactions get their number before their first id, as on PostgreSQL with the column order of our table. */
    private static final class Model {
        final Random random;
        final ReadCursor cursor = new ReadCursor(Duration.ofSeconds(60));
        final Map<Long, List<Long>> open = new TreeMap<>();
        final TreeSet<Long> visible = new TreeSet<>();
        final TreeSet<Long> handedOn = new TreeSet<>();
        final TreeSet<Long> inFlight = new TreeSet<>();
        final List<Long> missed = new ArrayList<>();
        long searched;
        long nextNumber = 1;
        long nextId = 1;
        long lastFinished;

        Model(Random random) {
            this.random = random;
        }

        void randomStep() {
            switch (random.nextInt(8)) {
                case 0, 1 -> open.put(nextNumber++, new ArrayList<>());
                case 2, 3 -> pick().ifPresent(number -> open.get(number).add(nextId++));
                case 4, 5 -> pick().ifPresent(this::finish);
                case 6 -> read();
                default -> delete();
            }
        }

        java.util.Optional<Long> pick() {
            List<Long> numbers = new ArrayList<>(open.keySet());
            // the oldest one is seldom picked, so that some transactions stay open for long
            int from = numbers.size() > 1 && random.nextInt(50) != 0 ? 1 : 0;
            return numbers.isEmpty()
                    ? java.util.Optional.empty()
                    : java.util.Optional.of(numbers.get(from + random.nextInt(numbers.size() - from)));
        }

        void finish(long number) {
            List<Long> ids = open.remove(number);
            lastFinished = Math.max(lastFinished, number);
            if (random.nextInt(10) != 0) {
                visible.addAll(ids);
            }
        }

        WriterSnapshot snapshot() {
            long next = lastFinished + 1;
            return WriterSnapshot.of(
                    next,
                    open.keySet().stream()
                            .mapToLong(Long::longValue)
                            .filter(n -> n < next)
                            .toArray());
        }

        void read() {
            WriterSnapshot snapshot = snapshot();
            long from = cursor.position();
            List<Long> found = new ArrayList<>(visible.tailSet(from, false));
            int limit = 1 + random.nextInt(20);
            boolean full = found.size() > limit;
            found = full ? found.subList(0, limit) : found;
            long lateFrom = cursor.lateFrom(snapshot, 0);
            if (lateFrom < from) {
                var range = visible.subSet(lateFrom, false, from, true);
                searched += range.size();
                handOn(new ArrayList<>(range));
            }
            handOn(found);
            long done = found.isEmpty() ? from : found.get(found.size() - 1);
            cursor.advance(done, snapshot, 0);
            for (long id : visible.headSet(cursor.position(), true)) {
                if (!handedOn.contains(id)) {
                    missed.add(id);
                }
            }
        }

        void handOn(List<Long> ids) {
            for (long id : ids) {
                if (!inFlight.contains(id) && handedOn.add(id)) {
                    inFlight.add(id);
                }
            }
        }

        void delete() {
            long position = cursor.position();
            long number = nextNumber++;
            inFlight.forEach(visible::remove);
            inFlight.clear();
            lastFinished = Math.max(lastFinished, number);
            cursor.mark(position, number);
        }
    }
}
