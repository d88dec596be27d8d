package io.outbox.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedState;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class WindowTest {
    private static final PublishOutcome AWAY = PublishOutcome.channelUnavailable(new IllegalStateException("away"));
    private static final PublishOutcome NOT_NOW = PublishOutcome.rejectedForNow(new IllegalStateException("full"));
    private static final PublishOutcome NEVER = PublishOutcome.rejectedForGood(new IllegalStateException("too large"));

    private final Recorder events = new Recorder();
    private final Window pipelined = new Window(settings(RetryPolicy.defaults()), true, events);
    private final Window oneByOne = new Window(settings(RetryPolicy.defaults()), false, events);

    @Test
    void admit_withAPublisherThatKeepsOrder_hasSeveralMessagesOfAKeyOnTheirWay() {
        admit(pipelined, 1, "a");
        admit(pipelined, 2, "a");

        assertThat(events.publishedIds()).containsExactly(1L, 2L);
    }

    @Test
    void admit_withAPublisherThatDoesNot_publishesTheNextOfAKeyWhenTheOneBeforeIsAcknowledged() {
        admit(oneByOne, 1, "a");
        admit(oneByOne, 2, "a");
        admit(oneByOne, 3, "b");
        assertThat(events.publishedIds()).containsExactly(1L, 3L);

        events.complete(1, PublishOutcome.published());

        assertThat(events.publishedIds()).containsExactly(1L, 3L, 2L);
    }

    @Test
    void complete_published_freesTheBytesAtOnceAndThePlaceWhenDeleted() {
        admit(pipelined, 1, "a");
        events.complete(1, PublishOutcome.published());
        assertThat(pipelined.bytes()).isZero();
        assertThat(pipelined.size()).isEqualTo(1);

        pipelined.deleted(pipelined.takeAcknowledged(10));

        assertThat(pipelined.size()).isZero();
    }

    @Test
    void contains_afterDeletion_isTrueUntilTheReaderBeginsItsNextStep() {
        admit(pipelined, 1, "a");
        events.complete(1, PublishOutcome.published());
        pipelined.deleted(pipelined.takeAcknowledged(10));

        assertThat(pipelined.contains(1)).isTrue();
        pipelined.beginRead();
        assertThat(pipelined.contains(1)).isFalse();
    }

    @Test
    void notDeleted_keepsTheMessagesInTheirOrder() {
        for (int id = 1; id <= 3; id++) {
            admit(pipelined, id, "a");
            events.complete(id, PublishOutcome.published());
        }
        pipelined.notDeleted(pipelined.takeAcknowledged(2));

        assertThat(pipelined.takeAcknowledged(10)).extracting(m -> m.id).containsExactly(1L, 2L, 3L);
    }

    @Test
    void complete_unavailable_givesBackAndAdmitsNothingMore() {
        admit(pipelined, 1, "a");
        admit(pipelined, 2, "b");
        events.complete(2, PublishOutcome.published());
        events.complete(1, AWAY);

        assertThat(pipelined.admit(message(3, "c"), false)).isFalse();
        assertThat(pipelined.contains(1)).isFalse();
        assertThat(pipelined.takeLowestReturned()).isEqualTo(1);
        pipelined.resume();
        assertThat(pipelined.admit(message(1, "a"), false)).isTrue();
        events.complete(1, PublishOutcome.published());
        assertThat(events.availableAgain).isEqualTo(1);
    }

    @Test
    void complete_unavailable_givesBackWhatWasQueuedBehindItsKey() {
        admit(oneByOne, 1, "a");
        admit(oneByOne, 2, "a");
        events.complete(1, AWAY);

        assertThat(oneByOne.size()).isZero();
        assertThat(events.publishedIds()).containsExactly(1L);
    }

    @Test
    void giveBackRefused_leavesThoseOfShardsThatAreHeld_andHasTheOthersReadAgain() {
        admit(pipelined, 1, "a");
        events.complete(1, NOT_NOW);

        pipelined.giveBackRefused(shard -> true);
        assertThat(states(pipelined)).containsExactly(ParkedState.RETRY);

        pipelined.giveBackRefused(shard -> false);
        assertThat(states(pipelined)).isEmpty();
        assertThat(pipelined.contains(1)).isFalse();
        assertThat(pipelined.takeLowestReturned()).isEqualTo(1);
    }

    @Test
    void complete_rejectedForNow_parksTheMessageAndThoseBehindItUntilAReadSeesThem() {
        admit(pipelined, 1, "a");
        events.complete(1, NOT_NOW);
        admit(pipelined, 2, "a");
        admit(pipelined, 3, "b");

        assertThat(states(pipelined)).containsExactly(ParkedState.RETRY, ParkedState.BEHIND);
        assertThat(events.publishedIds()).containsExactly(1L, 3L);

        pipelined.parked(pipelined.refused(10));
        admit(pipelined, 4, "a");
        assertThat(states(pipelined)).containsExactly(ParkedState.BEHIND);

        pipelined.beginRead();
        admit(pipelined, 5, "a");
        assertThat(states(pipelined)).containsExactly(ParkedState.BEHIND, ParkedState.BEHIND);
        pipelined.parked(pipelined.refused(10));
        pipelined.beginRead();
        admit(pipelined, 6, "a");
        assertThat(events.publishedIds()).containsExactly(1L, 3L, 6L);
    }

    /** If it were, and the relay ended then, a retry of it could come before the earlier one, which was never parked. */
    @Test
    void refused_aMessageBeforeWhichAnotherOfItsKeyIsWithThePublisher_isNotParkedYet() {
        admit(pipelined, 1, "a");
        admit(pipelined, 2, "a");
        admit(pipelined, 3, "a");
        events.complete(1, NOT_NOW);
        admit(pipelined, 4, "a");
        admit(pipelined, 5, "b");
        events.complete(5, NOT_NOW);
        assertThat(refusedIds(pipelined)).containsExactly(1L, 5L);

        events.complete(3, NOT_NOW);
        assertThat(refusedIds(pipelined)).containsExactly(1L, 5L);
        assertThat(pipelined.hasRefused()).isTrue();

        events.complete(2, PublishOutcome.published());
        assertThat(refusedIds(pipelined)).containsExactly(1L, 3L, 4L, 5L);
    }

    @Test
    void complete_unavailable_givesBackWhatWasToBeParkedBehindTheMessage() {
        admit(pipelined, 1, "a");
        admit(pipelined, 2, "a");
        events.complete(1, NOT_NOW);
        admit(pipelined, 3, "a");
        events.complete(2, AWAY);
        assertThat(refusedIds(pipelined)).containsExactly(1L);

        assertThat(pipelined.takeLowestReturned()).isEqualTo(2);

        assertThat(refusedIds(pipelined)).containsExactly(1L);
        assertThat(pipelined.contains(3)).isFalse();
        pipelined.resume();
        pipelined.beginRead();
        admit(pipelined, 2, "a");
        assertThat(states(pipelined)).containsExactly(ParkedState.RETRY, ParkedState.BEHIND);
    }

    @Test
    void complete_rejectedForGood_makesADeadLetterAndLetsTheKeyGoOn() {
        admit(oneByOne, 1, "a");
        admit(oneByOne, 2, "a");
        events.complete(1, NEVER);

        assertThat(states(oneByOne)).containsExactly(ParkedState.DEAD);
        assertThat(events.publishedIds()).containsExactly(1L, 2L);
    }

    @Test
    void complete_rejectedForGood_withABlockingPolicy_holdsTheKey() {
        RetryPolicy blocking = RetryPolicy.defaults().withDeadLetterBlockingKey(true);
        Window window = new Window(settings(blocking), true, events);
        admit(window, 1, "a");
        events.complete(1, NEVER);
        admit(window, 2, "a");

        assertThat(states(window)).containsExactly(ParkedState.DEAD_BLOCKING, ParkedState.BEHIND);
    }

    @Test
    void complete_destinationUnavailable_parksWithoutCountingTheAttempt() {
        admit(pipelined, 1, "a");
        events.complete(1, PublishOutcome.destinationUnavailable(new IllegalStateException("no leader")));

        assertThat(pipelined.refused(1).get(0).parking().attempts()).isZero();
        assertThat(states(pipelined)).containsExactly(ParkedState.RETRY);
    }

    @Test
    void complete_twice_countsOnce() {
        admit(pipelined, 1, "a");
        InFlightMessage entry = events.entries.get(0);
        entry.complete(PublishOutcome.published());
        entry.complete(NOT_NOW);

        assertThat(states(pipelined)).isEmpty();
        assertThat(pipelined.hasUnresolved()).isFalse();
    }

    @Test
    void hasRoomFor_aMessageLargerThanTheWindow_onlyWhenNothingElseIsInFlight() {
        assertThat(pipelined.hasRoomFor(Integer.MAX_VALUE)).isTrue();
        admit(pipelined, 1, "a");
        assertThat(pipelined.hasRoomFor(Integer.MAX_VALUE)).isFalse();
    }

    private static void admit(Window window, long id, String key) {
        assertThat(window.admit(message(id, key), false)).isTrue();
    }

    private static List<Long> refusedIds(Window window) {
        return window.refused(100).stream().map(r -> r.message().id).toList();
    }

    private static List<ParkedState> states(Window window) {
        return window.refused(100).stream().map(r -> r.parking().state()).toList();
    }

    private static StoredMessage message(long id, @Nullable String key) {
        OutboxRecord record =
                new OutboxRecord("m" + id, "default", "orders", key, "t", "text/plain", Map.of(), new byte[10], null);
        return new StoredMessage(id, 1, Instant.EPOCH, 1, 10, record);
    }

    static RelaySettings settings(RetryPolicy policy) {
        return new RelaySettings(
                100,
                1000,
                1000,
                Duration.ofMillis(1),
                Duration.ofMillis(10),
                Duration.ofMillis(10),
                Duration.ofMillis(1),
                Duration.ofSeconds(10),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ofSeconds(60),
                Duration.ZERO,
                policy,
                new NoListener(),
                System::nanoTime,
                new Random(1));
    }

    private static final class Recorder implements Window.Events {
        final List<InFlightMessage> entries = new ArrayList<>();
        int availableAgain;

        List<Long> publishedIds() {
            return entries.stream().map(entry -> entry.id).toList();
        }

        void complete(long id, PublishOutcome outcome) {
            List.copyOf(entries).stream().filter(entry -> entry.id == id).forEach(entry -> entry.complete(outcome));
        }

        @Override
        public void acknowledged(int waitingForDeletion) {}

        @Override
        public void unavailable(Throwable cause) {}

        @Override
        public void availableAgain() {
            availableAgain++;
        }

        @Override
        public void parkingWaits() {}

        @Override
        public void publish(InFlightMessage next) {
            entries.add(next);
        }
    }
}
