package io.outbox.benchmarks.worker;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class WireLineTest {
    @Test
    void line_keepsAnyValue() {
        WireLine line = new WireLine("ok", Map.of("cause", "a = b\nüber 100 %", "empty", ""));

        assertThat(line.text()).doesNotContain("\n");
        assertThat(WireLine.parse(line.text())).isEqualTo(line);
    }
}
