package io.outbox.torture.history;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The check finds each violation that is planted, and nothing where there is none. */
class HistoryTest {
    private final History history = new History(key -> !key.equals("loose"));

    @Test
    void aRunInWhichAllIsWell_balances_alsoWithDuplicatesOnTheWire() {
        commit("a", 3);
        arrive("a", 1, 2, 1, 2, 3, 2);
        takeEffect("a", 1, 2, 3);

        Verdict verdict = history.check();

        assertThat(verdict.isBalanced()).isTrue();
        assertThat(verdict).isEqualTo(new Verdict(3, 6, 3, 0, 0, 0, 0, List.of()));
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

        assertThat(verdict.lost()).isEqualTo(2);
        assertThat(verdict.details()).contains("lost: a 2 never arrived", "lost: a 2 never took effect");
        assertThat(verdict.isBalanced()).isFalse();
    }

    @Test
    void aMessageThatArrivedAndTookNoEffect_isLost() {
        commit("a", 2);
        arrive("a", 1, 2);
        takeEffect("a", 1);

        Verdict verdict = history.check();

        assertThat(verdict.lost()).isEqualTo(1);
        assertThat(verdict.isBalanced()).isFalse();
    }

    @Test
    void aMessageThatWasNeverCommitted_isInvented() {
        commit("a", 1);
        arrive("a", 1, 2);
        takeEffect("a", 1, 2);
        takeEffect("b", 1);

        Verdict verdict = history.check();

        assertThat(verdict.invented()).isEqualTo(3);
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

        assertThat(verdict.twice()).isEqualTo(1);
        assertThat(verdict.isBalanced()).isFalse();
    }

    @Test
    void aFirstArrivalAfterALaterOneOfItsKey_isOutOfOrder() {
        commit("a", 3);
        arrive("a", 1, 3, 2);
        takeEffect("a", 1, 2, 3);

        Verdict verdict = history.check();

        assertThat(verdict.disordered()).isEqualTo(1);
        assertThat(verdict.isBalanced()).isFalse();
    }

    @Test
    void aFirstEffectAfterALaterOneOfItsKey_isOutOfOrder() {
        commit("a", 3);
        arrive("a", 1, 2, 3);
        takeEffect("a", 2, 1, 3);

        Verdict verdict = history.check();

        assertThat(verdict.disordered()).isEqualTo(1);
        assertThat(verdict.isBalanced()).isFalse();
    }

    @Test
    void messagesWithoutAKey_haveNoOrder_butMayNotGetLost() {
        commit("loose", 3);
        arrive("loose", 3, 1);
        takeEffect("loose", 3, 1, 2);

        Verdict verdict = history.check();

        assertThat(verdict.disordered()).isZero();
        assertThat(verdict.lost()).isEqualTo(1);
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

        assertThat(verdict.lost()).isEqualTo(10_000);
        assertThat(verdict.details()).hasSizeLessThan(100);
    }

    private void commit(String key, int numbers) {
        IntStream.rangeClosed(1, numbers).forEach(number -> history.committed(key, number));
    }

    private void arrive(String key, int... numbers) {
        IntStream.of(numbers).forEach(number -> history.arrived(key, number, "a place"));
    }

    private void takeEffect(String key, int... numbers) {
        IntStream.of(numbers).forEach(number -> history.tookEffect(key, number, "a row"));
    }
}
