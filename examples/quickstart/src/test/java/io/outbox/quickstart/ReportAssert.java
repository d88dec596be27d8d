package io.outbox.quickstart;

import static org.assertj.core.api.Assertions.assertThat;

/** What a report says of a run in which everything went as promised. */
final class ReportAssert {
    private ReportAssert() {}

    static void assertBalances(Ran ran, long orders) {
        assertThat(ran.out()).as("%s", ran.err()).contains("The books balance.");
        assertThat(ran.exitCode()).isZero();
        assertThat(ran.figure("orders committed")).isEqualTo(orders);
        assertThat(ran.figure("charged")).isEqualTo(orders);
        assertThat(ran.figure("published")).isGreaterThanOrEqualTo(orders);
        assertThat(ran.figure("delivered") - ran.figure("duplicates suppressed"))
                .isEqualTo(orders);
        for (String nothing :
                new String[] {"lost", "charged twice", "charged wrongly", "charged out of order", "left in the outbox"
                }) {
            assertThat(ran.figure(nothing)).as(nothing).isZero();
        }
        assertThat(ran.out()).containsPattern("(?m)^throughput +[0-9,]+ orders/s over [0-9.]+ s$");
        assertThat(ran.out()).containsPattern("(?m)^placed to charged +p50 [0-9,.]+ ms, p99 [0-9,.]+ ms$");
        assertThat(ran.out()).as("a progress line").contains("orders committed, ");
    }

    static void assertWasTroubled(Ran ran) {
        assertThat(ran.figure("rolled back")).isPositive();
        assertThat(ran.figure("duplicates suppressed")).isPositive();
        assertThat(ran.figure("relay restarts")).isPositive();
    }
}
