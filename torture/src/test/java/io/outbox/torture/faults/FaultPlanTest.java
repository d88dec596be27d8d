package io.outbox.torture.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class FaultPlanTest {
    private static final Set<FaultKind> ALL = EnumSet.allOf(FaultKind.class);

    @Test
    void theSameSeed_givesTheSamePlan_andAnotherOneAnother() {
        List<Fault> plan = plan(1, Duration.ofMinutes(5));

        assertThat(plan(1, Duration.ofMinutes(5))).isEqualTo(plan);
        assertThat(plan(2, Duration.ofMinutes(5))).isNotEqualTo(plan);
    }

    @Test
    void aShortPlan_hasEveryKind() {
        for (long seed = 0; seed < 200; seed++) {
            assertThat(plan(seed, Duration.ofSeconds(45)).stream()
                            .map(Fault::kind)
                            .collect(Collectors.toSet()))
                    .as("seed %d", seed)
                    .isEqualTo(ALL);
        }
    }

    @Test
    void faultsOfOneTarget_doNotOverlap() {
        for (long seed = 0; seed < 50; seed++) {
            Map<String, List<Fault>> targets = plan(seed, Duration.ofMinutes(10)).stream()
                    .collect(Collectors.groupingBy(fault -> fault.kind().target() + " " + fault.index()));

            assertThat(targets.keySet()).contains("RELAY 0", "RELAY 1", "RELAY 2", "DATABASE 0");
            targets.values().forEach(faults -> {
                for (int i = 1; i < faults.size(); i++) {
                    assertThat(faults.get(i).at())
                            .isGreaterThanOrEqualTo(faults.get(i - 1)
                                    .at()
                                    .plus(faults.get(i - 1).lasting()));
                }
            });
        }
    }

    private static List<Fault> plan(long seed, Duration length) {
        return FaultPlan.of(seed, length, ALL);
    }
}
