package io.outbox.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Many seeds; one that fails replays exactly. More of them: {@code -Doutbox.simulation.seeds=100000}. */
class SimulationTest {
    private static final int SEEDS = Integer.getInteger("outbox.simulation.seeds", 150);
    private static final long FIRST = Long.getLong("outbox.simulation.first", 1);

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void relays_underAnyTrouble_loseNothingInventNothingAndKeepEachKeysOrder(boolean publisherKeepsOrder) {
        List<String> wrong = new ArrayList<>();
        for (long seed = FIRST; seed < FIRST + SEEDS; seed++) {
            for (String one : new Simulation(seed, publisherKeepsOrder).run()) {
                wrong.add("seed " + seed + ": " + one);
            }
        }
        assertThat(wrong).isEmpty();
    }
}
