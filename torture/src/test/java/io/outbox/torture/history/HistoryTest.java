package io.outbox.torture.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The check finds each violation that is planted, and nothing where there is none. */
class HistoryTest {
    private static final Instant NOON = Instant.parse("2030-01-01T12:00:00Z");

    private final History history = new History(key -> !key.equals("loose"));

    @Test
    void aRunInWhichAllIsWell_balances_alsoWithDuplicatesOnTheWire() {
        commit("a", 3);
        arrive("a", 1, 2, 1, 2, 3, 2);
        takeEffect("a", 1, 2, 3);

        Verdict verdict = history.check();

        assertThat(verdict.isBalanced()).isTrue();
        assertThat(verdict).isEqualTo(new Verdict(new Volume(3, 0, 0, 0, 0, 6, 3), Map.of(), List.of()));
    }

    @Test
    void aRunWithoutAnyMessage_isNotBalanced() {
        assertThat(history.check().isBalanced()).isFalse();
    }

    @Test
    void aMessageThatNeverArrived_isLost() {
        commit("a", 3);
        arrive("a", 1, 3);
        takeEffect("a", 1, 3);

        Verdict verdict = history.check();

        assertThat(verdict.count(Violation.LOST)).isEqualTo(2);
        assertThat(verdict.details()).contains("lost: a 2 never arrived", "lost: a 2 never took effect");
        assertThat(verdict.isBalanced()).isFalse();
    }

    @Test
    void aMessageThatArrivedAndTookNoEffect_isLost() {
        commit("a", 2);
        arrive("a", 1, 2);
        takeEffect("a", 1);

        Verdict verdict = history.check();

        assertThat(verdict.count(Violation.LOST)).isEqualTo(1);
        assertThat(verdict.isBalanced()).isFalse();
    }

    @Test
    void aMessageThatWasNeverCommitted_isInvented() {
        commit("a", 1);
        arrive("a", 1, 2);
        takeEffect("a", 1, 2);
        takeEffect("b", 1);

        Verdict verdict = history.check();

        assertThat(verdict.count(Violation.INVENTED)).isEqualTo(3);
        assertThat(verdict.details())
                .containsExactly(
                        "invented: a 2 arrived and was never committed",
                        "invented: a 2 took effect and was never committed",
                        "invented: b 1 took effect and was never committed");
        assertThat(verdict.isBalanced()).isFalse();
    }

    @Test
    void anEffectThatHappensAgain_isTwice() {
        commit("a", 2);
        arrive("a", 1, 2);
        takeEffect("a", 1, 2, 1);

        Verdict verdict = history.check();

        assertThat(verdict.count(Violation.TWICE)).isEqualTo(1);
        assertThat(verdict.isBalanced()).isFalse();
    }

    @Test
    void aFirstArrivalAfterALaterOneOfItsKey_isOutOfOrder() {
        commit("a", 3);
        arrive("a", 1, 3, 2);
        takeEffect("a", 1, 2, 3);

        Verdict verdict = history.check();

        assertThat(verdict.count(Violation.DISORDERED)).isEqualTo(1);
        assertThat(verdict.isBalanced()).isFalse();
    }

    @Test
    void aFirstEffectAfterALaterOneOfItsKey_isOutOfOrder() {
        commit("a", 3);
        arrive("a", 1, 2, 3);
        takeEffect("a", 2, 1, 3);

        Verdict verdict = history.check();

        assertThat(verdict.count(Violation.DISORDERED)).isEqualTo(1);
        assertThat(verdict.isBalanced()).isFalse();
    }

    @Test
    void messagesWithoutAKey_haveNoOrder_butMayNotGetLost() {
        commit("loose", 3);
        arrive("loose", 3, 1);
        takeEffect("loose", 3, 1, 2);

        Verdict verdict = history.check();

        assertThat(verdict.count(Violation.DISORDERED)).isZero();
        assertThat(verdict.count(Violation.LOST)).isEqualTo(1);
    }

    @Test
    void keysAreToldApart() {
        commit("a", 2);
        commit("b", 2);
        arrive("a", 1, 2);
        arrive("b", 1, 2);
        takeEffect("b", 1, 2);
        takeEffect("a", 1, 2);

        assertThat(history.check().isBalanced()).isTrue();
    }

    @Test
    void thousandsOfViolations_areCountedAndTheFirstOnesTold() {
        commit("a", 5_000);

        Verdict verdict = history.check();

        assertThat(verdict.count(Violation.LOST)).isEqualTo(10_000);
        assertThat(verdict.details()).hasSizeLessThan(100);
    }

    @Test
    void scheduledMessages_haveNoOrderButADueTime() {
        commit("a", 1);
        history.scheduled("a", 2, NOON);
        history.committed("a", 3, Kind.PLAIN);
        history.scheduled("a", 4, NOON);
        arrive("a", 4, 1, 3, 2);
        takeEffect("a", 4, 1, 3, 2);

        Verdict verdict = history.check();

        assertThat(verdict.isBalanced()).isTrue();
        assertThat(verdict.volume().scheduled()).isEqualTo(2);
    }

    @Test
    void aScheduledMessageThatNeverArrived_isLost() {
        history.scheduled("a", 1, NOON);

        assertThat(history.check().count(Violation.LOST)).isEqualTo(2);
    }

    @Test
    void aScheduledMessageThatTakesEffectAgain_isTwice() {
        history.scheduled("a", 1, NOON);
        arrive("a", 1, 1);
        takeEffect("a", 1, 1);

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.TWICE, 1L));
    }

    @Test
    void anArrivalBeforeTheDueTime_isEarly_alsoWhenItIsNotTheFirst() {
        history.scheduled("a", 1, NOON);
        history.arrived("a", 1, NOON, "a place");
        history.arrived("a", 1, NOON.minusMillis(1), "a place");
        takeEffect("a", 1);

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.EARLY, 1L));
    }

    @Test
    void anEffectBeforeTheDueTime_isEarly() {
        history.scheduled("a", 1, NOON);
        arrive("a", 1);
        history.tookEffect("a", 1, NOON.minusNanos(1_000), "a row");

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.EARLY, 1L));
    }

    @Test
    void refusedMessages_areDeadLetters_andLetTheirKeyGoOn() {
        commit("a", 1);
        history.committed("a", 2, Kind.REFUSED);
        history.committed("a", 3, Kind.REFUSED);
        history.committed("a", 4, Kind.PLAIN);
        history.becameDeadLetter("a", 2);
        history.becameDeadLetter("a", 3);
        history.sentAgain("a", 3);
        arrive("a", 1, 4, 3);
        takeEffect("a", 1, 4, 3);

        Verdict verdict = history.check();

        assertThat(verdict.isBalanced()).isTrue();
        assertThat(verdict.volume().deadLetters()).isEqualTo(2);
        assertThat(verdict.volume().sentAgain()).isEqualTo(1);
    }

    @Test
    void aRefusedMessageThatIsNoDeadLetter_isMisjudged() {
        history.committed("a", 1, Kind.REFUSED);

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.MISJUDGED, 1L));
    }

    @Test
    void aRefusedMessageThatIsADeadLetterTwice_isMisjudged() {
        history.committed("a", 1, Kind.REFUSED);
        history.becameDeadLetter("a", 1);
        history.becameDeadLetter("a", 1);

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.MISJUDGED, 1L));
    }

    @Test
    void aRefusedMessageThatArrivesAndTakesEffect_isMisjudgedTwice() {
        history.committed("a", 1, Kind.REFUSED);
        history.becameDeadLetter("a", 1);
        arrive("a", 1);
        takeEffect("a", 1);

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.MISJUDGED, 2L));
    }

    @Test
    void anotherMessageThatIsADeadLetter_isMisjudged() {
        commit("a", 1);
        arrive("a", 1);
        takeEffect("a", 1);
        history.becameDeadLetter("a", 1);

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.MISJUDGED, 1L));
    }

    @Test
    void aDeadLetterThatWasNeverCommitted_isInvented() {
        commit("a", 1);
        arrive("a", 1);
        takeEffect("a", 1);
        history.becameDeadLetter("a", 2);

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.INVENTED, 1L));
    }

    @Test
    void aDeadLetterThatWasSentAgainAndNeverArrived_isLost() {
        history.committed("a", 1, Kind.REFUSED);
        history.becameDeadLetter("a", 1);
        history.sentAgain("a", 1);

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.LOST, 2L));
    }

    @Test
    void unhandledMessages_arriveInOrderAndAreSetAside() {
        history.committed("a", 1, Kind.UNHANDLED);
        history.committed("a", 2, Kind.PLAIN);
        arrive("a", 1, 2);
        takeEffect("a", 2);
        history.setAside("a", 1);
        history.setAside("a", 1); // copies are allowed

        Verdict verdict = history.check();

        assertThat(verdict.isBalanced()).isTrue();
        assertThat(verdict.volume().setAside()).isEqualTo(1);
    }

    @Test
    void anUnhandledMessageThatComesLate_isOutOfOrder() {
        history.committed("a", 1, Kind.UNHANDLED);
        history.committed("a", 2, Kind.PLAIN);
        arrive("a", 2, 1);
        takeEffect("a", 2);
        history.setAside("a", 1);

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.DISORDERED, 1L));
    }

    @Test
    void anUnhandledMessageThatTakesEffectAndIsNotSetAside_isMisjudgedTwice() {
        history.committed("a", 1, Kind.UNHANDLED);
        arrive("a", 1);
        takeEffect("a", 1);

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.MISJUDGED, 2L));
    }

    @Test
    void anotherMessageThatIsSetAside_isMisjudged_andOneThatNobodyCommittedInvented() {
        commit("a", 1);
        arrive("a", 1);
        takeEffect("a", 1);
        history.setAside("a", 1);
        history.setAside("b", 1);

        assertThat(history.check().violations()).isEqualTo(Map.of(Violation.MISJUDGED, 1L, Violation.INVENTED, 1L));
    }

    private void commit(String key, int numbers) {
        IntStream.rangeClosed(1, numbers).forEach(number -> history.committed(key, number, Kind.PLAIN));
    }

    private void arrive(String key, int... numbers) {
        IntStream.of(numbers).forEach(number -> history.arrived(key, number, NOON, "a place"));
    }

    private void takeEffect(String key, int... numbers) {
        IntStream.of(numbers).forEach(number -> history.tookEffect(key, number, NOON, "a row"));
    }
}
