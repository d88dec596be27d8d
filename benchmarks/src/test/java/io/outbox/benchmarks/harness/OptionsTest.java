package io.outbox.benchmarks.harness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    @Test
    void minutes_makeASoak() {
        Options options = Options.parse(List.of("steady", "--minutes", "60"));

        assertThat(options.isSoak()).isTrue();
        assertThat(options.soakTime()).isEqualTo(Duration.ofHours(1));
        assertThat(options.soakRate()).isEqualTo(1000);
        assertThat(options.all()).containsEntry("rate", "1000").doesNotContainKey("runs");
        assertThat(Options.parse(List.of("steady")).isSoak()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "drain, --minutes 60, for steady",
        "jmh, --minutes 60, for steady",
        "steady, --minutes 0, >= 1",
        "steady, --minutes 10001, <= 10000",
        "steady, --minutes much, must be a number",
        "steady, --minutes 5 --against ceiling, --against has no meaning",
        "steady, --minutes 5 --database h2, needs a database server",
        "steady, --minutes 5 --broker none, needs a database server and --broker kafka",
    })
    void minutes_whereTheyMakeNoSense_areRefused(String workload, String options, String text) {
        List<String> arguments = new ArrayList<>(List.of(workload));
        arguments.addAll(List.of(options.split(" ")));

        assertThatThrownBy(() -> Options.parse(arguments))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(text);
    }
}
