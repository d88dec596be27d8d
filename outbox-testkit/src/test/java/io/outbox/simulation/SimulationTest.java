package io.outbox.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/**
 * Many seeds; one that fails replays exactly: {@code scripts/simulate --seeds 1 --from SEED --history}. More of them:
 * {@code -Doutbox.simulation.seeds=100000 -Doutbox.simulation.first=1}.
 */
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("outbox.simulation.seeds", 2000);
    private static final long FIRST = Long.getLong("outbox.simulation.first", 1);

    @Test
    void relaysAndConsumers_underAnyTrouble_keepAllPromises() {
        List<String> broken = LongStream.range(FIRST, FIRST + SEEDS)
                .parallel()
                .mapToObj(seed -> {
                    List<Violation> violations = new Simulation(seed).run();
                    return violations.isEmpty() ? "" : Simulate.describe(seed, violations);
                })
                .filter(text -> !text.isEmpty())
                .toList();

        assertThat(broken).isEmpty();
    }

    @Test
    void aSeed_givesTheSameHistoryEachTime() {
        for (long seed = FIRST; seed < FIRST + 10; seed++) {
            Simulation one = new Simulation(seed);
            Simulation other = new Simulation(seed);
            one.run();
            other.run();

            assertThat(one.history().events())
                    .hasSizeGreaterThan(500)
                    .isEqualTo(other.history().events());
        }
    }
}
