package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class WireTimeTest {
    private final WireTime times = new WireTime();

    private String format(String instant) {
        return new String(times.format(Instant.parse(instant)), StandardCharsets.US_ASCII);
    }

    @ParameterizedTest
    @CsvSource({
        "2026-03-01T10:20:30.123456Z, 2026-03-01T10:20:30.123456Z",
        "2026-03-01T10:20:30.000001999Z, 2026-03-01T10:20:30.000001Z",
        "2026-03-01T10:20:30Z, 2026-03-01T10:20:30.000000Z",
        "1970-01-01T00:00:00Z, 1970-01-01T00:00:00.000000Z",
        "1969-12-31T23:59:59.999Z, 1969-12-31T23:59:59.999000Z",
    })
    void format_isRfc3339WithMicroseconds(String instant, String text) {
        assertThat(format(instant)).isEqualTo(text);
    }

    @Test
    void format_doesNotMixSeconds() {
        assertThat(format("2026-03-01T10:20:30.9Z")).isEqualTo("2026-03-01T10:20:30.900000Z");
        assertThat(format("2026-03-01T10:20:31.1Z")).isEqualTo("2026-03-01T10:20:31.100000Z");
        assertThat(format("2026-03-01T10:20:30.01Z")).isEqualTo("2026-03-01T10:20:30.010000Z");
        assertThat(format("2026-03-01T10:20:30.02Z")).isEqualTo("2026-03-01T10:20:30.020000Z");
    }
}
