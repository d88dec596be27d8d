package io.outbox.benchmarks.wire;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ArrivalCheckTest {
    private static final int KEYS = 2;

    private final ArrivalCheck check = new ArrivalCheck(4, KEYS, true);

    private void arrive(long number, long nanos) {
        check.add(new BenchMessage(number, (int) (number % KEYS), (int) (number / KEYS)).bytes(""), nanos);
    }

    @Test
    void allInOrder_nothingIsFound() {
        for (int i = 0; i < 4; i++) {
            arrive(i, 1_000_000_000L * (i + 1));
        }

        Arrivals result = check.result(4);

        assertThat(result.lost()).isZero();
        assertThat(result.duplicates()).isZero();
        assertThat(result.orderViolations()).isZero();
        assertThat(result.rate()).isEqualTo(4 / 3.0);
        assertThat(check.arrivedAt(2)).isEqualTo(3_000_000_000L);
    }

    @Test
    void missingMessage_isLost() {
        arrive(0, 1);
        arrive(3, 2);

        assertThat(check.result(4).lost()).isEqualTo(2);
        assertThat(check.result(4).rate()).isZero();
    }

    @Test
    void repeatedMessage_isADuplicateAndNoViolation() {
        arrive(0, 1);
        arrive(2, 2);
        arrive(0, 3);
        arrive(2, 4);

        assertThat(check.result(4).duplicates()).isEqualTo(2);
        assertThat(check.result(4).orderViolations()).isZero();
    }

    @Test
    void firstDeliveryAfterALaterOneOfItsKey_isAViolation() {
        arrive(2, 1);
        arrive(1, 2);
        arrive(0, 3);

        assertThat(check.result(4).orderViolations()).isEqualTo(1);
    }

    @Test
    void result_survivesTheWayToAnotherProcess() {
        arrive(0, 7);
        Arrivals result = check.result(4);

        assertThat(Arrivals.fromMap(result.toMap()).toMap()).isEqualTo(result.toMap());
    }
}
