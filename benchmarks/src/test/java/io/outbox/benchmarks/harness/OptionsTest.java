package io.outbox.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
    @Test
    void values_areReadInBothForms() {
        Options options =
                Options.parse(List.of("drain", "--messages", "5000", "--against=ceiling, raw-kafka", "--broker=none"));

        assertThat(options.workload()).isEqualTo("drain");
        assertThat(options.count("messages", 1)).isEqualTo(5000);
        assertThat(options.against("x")).containsExactly("ceiling", "raw-kafka");
        assertThat(options.text("broker").equals("kafka")).isFalse();
        assertThat(options.count("keys")).isEqualTo(1000);
    }

    @Test
    void wrongCommandLine_saysWhatIsWrong() {
        assertThatThrownBy(() -> Options.parse(List.of())).hasMessageContaining("workload");
        assertThatThrownBy(() -> Options.parse(List.of("drain", "--nonsense", "1")))
                .hasMessageContaining("--nonsense");
        assertThatThrownBy(() -> Options.parse(List.of("drain", "--runs"))).hasMessageContaining("--runs");
        assertThatThrownBy(() -> Options.parse(List.of("drain", "--runs", "0"))).hasMessageContaining("was 0");
        assertThatThrownBy(() -> Options.parse(List.of("drain", "--database", "oracle")))
                .hasMessageContaining("postgresql");
    }
}
