package io.outbox.benchmarks.workloads;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class SoakFigureTest {
    private static final int SAMPLES = 120;

    /** What each has when all is well. */
    private static final Map<SoakFigure, Double> TYPICAL = new EnumMap<>(SoakFigure.class);

    static {
        Arrays.stream(SoakFigure.values())
                .forEach(figure -> TYPICAL.put(
                        figure,
                        switch (figure) {
                            case SERVICE_HEAP, CONSUMER_HEAP -> 20.0;
                            case SERVICE_METASPACE, CONSUMER_METASPACE -> 40.0;
                            case SERVICE_DIRECT, CONSUMER_DIRECT -> 2.0;
                            case SERVICE_THREADS, CONSUMER_THREADS -> 40.0;
                            case SERVICE_FILES, CONSUMER_FILES -> 80.0;
                            case CONNECTIONS -> 12.0;
                            case MESSAGE_TABLE -> 40.0;
                            case PARKED_TABLE, OTHER_TABLES -> 3.0;
                            case DEDUP_TABLE -> 60.0;
                            case MESSAGE_ROWS, BEHIND -> 100.0;
                            case PARKED_ROWS -> 5.0;
                            case DEDUP_ROWS -> 180_000.0;
                            case LAG -> 20.0;
                        }));
    }

    private static double typical(SoakFigure figure) {
        return TYPICAL.getOrDefault(figure, Double.NaN);
    }

    /** Of an hour with 1,000 messages a second, if not said otherwise. */
    @ParameterizedTest(name = "{0} by {1} an hour: {2}")
    @CsvSource({
        "SERVICE_HEAP, 10, three bytes a message",
        "CONSUMER_HEAP, 10, three bytes a message",
        "SERVICE_METASPACE, 10, a copy of some classes now and then",
        "CONSUMER_METASPACE, 10, a copy of some classes now and then",
        "SERVICE_DIRECT, 10, three bytes a message",
        "CONSUMER_DIRECT, 10, three bytes a message",
        "SERVICE_THREADS, 6, one in ten minutes",
        "CONSUMER_THREADS, 6, one in ten minutes",
        "SERVICE_FILES, 12, one in five minutes",
        "CONSUMER_FILES, 12, one in five minutes",
        "CONNECTIONS, 6, one in ten minutes",
        "MESSAGE_TABLE, 25, one row in a hundred is never deleted",
        "PARKED_TABLE, 10, three bytes a message",
        "DEDUP_TABLE, 26, one row in twenty is never forgotten",
        "OTHER_TABLES, 10, three bytes a message",
        "MESSAGE_ROWS, 3600, one in a thousand is never deleted",
        "PARKED_ROWS, 360, one in ten thousand is never tried again",
        "DEDUP_ROWS, 180000, one in twenty is never forgotten",
        "LAG, 1500, it takes longer and longer",
        "BEHIND, 4000, about one in a thousand is lost",
    })
    void aLeak_isFound(SoakFigure figure, double anHour) {
        List<Double> values = IntStream.range(0, SAMPLES)
                .mapToObj(i -> Math.floor(typical(figure) + anHour * i / SAMPLES))
                .toList();

        assertThat(figure.judge(values).isFlat()).isFalse();
        assertThat(figure.judge(noisy(figure, values, 7)).isFlat()).isFalse();
    }

    @ParameterizedTest
    @EnumSource
    void noiseAndPeaks_areNoGrowth(SoakFigure figure) {
        List<Double> level =
                IntStream.range(0, SAMPLES).mapToObj(i -> typical(figure)).toList();

        for (int seed = 0; seed < 100; seed++) {
            assertThat(figure.judge(noisy(figure, level, seed)).isFlat())
                    .as("seed %d", seed)
                    .isTrue();
        }
    }

    /** A twentieth more or less, or one where that is nothing, and a peak in one of twenty samples. */
    private static List<Double> noisy(SoakFigure figure, List<Double> values, int seed) {
        Random random = new Random(seed);
        double noise = Math.max(1, typical(figure) * 0.05);
        return values.stream()
                .map(value -> value + noise * (2 * random.nextDouble() - 1) + (random.nextInt(20) == 0 ? 5 * value : 0))
                .toList();
    }

    @Test
    void growthDuringWarmUp_doesNotCount() {
        List<Double> values = IntStream.range(0, SAMPLES)
                .mapToObj(i -> Math.min(i, SAMPLES / 5) * 4.0)
                .toList();

        SoakFigure.Verdict verdict = SoakFigure.MESSAGE_TABLE.judge(values);

        assertThat(verdict.isFlat()).isTrue();
        assertThat(verdict.early()).isEqualTo(96);
        assertThat(verdict.late()).isEqualTo(96);
        assertThat(verdict.allowed()).isCloseTo(115.2, within(0.001));
    }

    @Test
    void whatGetsLess_isFlat() {
        List<Double> values =
                IntStream.range(0, SAMPLES).mapToObj(i -> 1_000.0 - i).toList();

        SoakFigure.Verdict verdict = SoakFigure.SERVICE_HEAP.judge(values);

        assertThat(verdict.isFlat()).isTrue();
        assertThat(verdict.greatest()).isEqualTo(1_000);
    }

    @ParameterizedTest
    @EnumSource
    void whatWasNotMeasured_isNotFlat(SoakFigure figure) {
        List<Double> values = new ArrayList<>();
        assertThat(figure.judge(values).isFlat()).isFalse();

        IntStream.range(0, SAMPLES).forEach(i -> values.add(Double.NaN));
        assertThat(figure.judge(values).isFlat()).isFalse();
    }
}
