package io.outbox.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoakTimesTest {
    @ParameterizedTest
    @ValueSource(longs = {1, 3, 20, 60, 10_000})
    void whatComesRound_doesSoTwiceBeforeItIsJudged(long minutes) {
        Duration soak = Duration.ofMinutes(minutes);
        Duration judged = soak.dividedBy(5);

        assertThat(SoakTimes.keepFor(soak).multipliedBy(2)).isLessThanOrEqualTo(judged);
        assertThat(SoakTimes.vacuumEvery(soak).multipliedBy(2)).isLessThanOrEqualTo(judged);
        assertThat(judged.dividedBy(SoakTimes.sampleEvery(soak))).isGreaterThanOrEqualTo(10);
    }
}
