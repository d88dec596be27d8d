package io.outbox.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Whether the simulation would find bugs: each of these is planted, one at a time, and found with the seed beside it, the
 * first that does, from 1. When the simulation has changed and a seed no longer fits, {@link FindPlantedBugs} finds others.
 */
class PlantedBugsTest {
    private static final String FOUND_WITH = """
            LATE_COMMITS_ARE_NOT_LOOKED_FOR, 1
            DELETES_A_RANGE_OF_IDS, 1
            READS_ON_AFTER_A_FAILED_READ, 4
            SNAPSHOT_IS_YOUNGER_THAN_ITS_ROWS, 6
            MARK_IS_ABOVE_A_RUNNING_TRANSACTION, 2
            BLOCKED_KEYS_ARE_NOT_TOLD, 1
            RETRY_OVERTAKES_ITS_PREDECESSOR, 2
            PARKS_WITHOUT_A_LEASE, 9
            FAILED_PARK_COUNTS_AS_DONE, 39
            LEASE_OUTLIVES_ITS_EXPIRY, 233
            HAND_OVER_IS_LOST, 1
            SCHEDULED_MESSAGES_GO_AT_ONCE, 1
            WRITES_IN_A_TRANSACTION_OF_ITS_OWN, 1
            ACKNOWLEDGED_BEFORE_IT_IS_PUBLISHED, 1
            TIME_OUT_COUNTS_AS_ACKNOWLEDGED, 1
            SEVERAL_OF_A_KEY_IN_FLIGHT, 1
            WINDOW_HAS_NO_LIMIT, 38
            DEDUP_OUTSIDE_OF_THE_TRANSACTION, 1
            DEDUP_FORGETS_TOO_SOON, 1
            DEDUP_FORGETS_THE_GROUP, 1
            FAILED_COMMIT_IS_IGNORED, 1
            ACKNOWLEDGED_BEFORE_IT_IS_HANDLED, 1
            """;

    @ParameterizedTest
    @CsvSource(textBlock = FOUND_WITH)
    void aPlantedBug_isFound_andTheSameSeedPassesWithoutIt(PlantedBug bug, long seed) {
        assertThat(new Simulation(seed, bug.wiring()).run())
                .as("broken promises with the bug")
                .anyMatch(violation -> violation.promise() == bug.breaks);
        assertThat(new Simulation(seed).run()).as("without it").isEmpty();
    }

    @Test
    void everyPlantedBug_isInTheList() {
        assertThat(FOUND_WITH.lines().map(line -> line.split(",")[0].strip()))
                .containsExactlyElementsOf(
                        Arrays.stream(PlantedBug.values()).map(Enum::name).toList());
    }
}
