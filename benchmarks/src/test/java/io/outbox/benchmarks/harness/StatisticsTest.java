package io.outbox.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class StatisticsTest {
    @Test
    void median_isTheMiddleOrTheMeanOfTheTwo() {
        assertThat(Statistics.median(List.of(3.0, 1.0, 2.0))).isEqualTo(2);
        assertThat(Statistics.median(List.of(4.0, 1.0, 2.0, 3.0))).isEqualTo(2.5);
        assertThat(Statistics.median(List.of())).isNaN();
    }

    @Test
    void percentile_isNotExceededByItsShare() {
        double[] values = {5, 1, 4, 2, 3};

        assertThat(Statistics.percentile(values, 0.5)).isEqualTo(3);
        assertThat(Statistics.percentile(values, 0.99)).isEqualTo(5);
        assertThat(Statistics.percentile(new double[0], 0.5)).isNaN();
    }
}
