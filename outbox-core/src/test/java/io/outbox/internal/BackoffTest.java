package io.outbox.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class BackoffTest {
    private final Backoff backoff = new Backoff(Duration.ofSeconds(1), Duration.ofSeconds(60));

    @Test
    void delay_ofTheFourth_isDrawnFromZeroToEightSeconds() {
        Random random = new Random(1);
        long longest = 0;
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < 1000; i++) {
            long millis = backoff.delay(4, random).toMillis();
            longest = Math.max(longest, millis);
            shortest = Math.min(shortest, millis);
        }
        assertThat(longest).isBetween(7900L, 8000L);
        assertThat(shortest).isBetween(0L, 100L);
    }

    @Test
    void delayFromHalf_doublesWithJitterUpToTheLongest() {
        Backoff delays = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10));
        Random random = new Random(1);
        for (int n = 1; n <= 100; n++) {
            long ceiling = n > 8 ? 10_000 : Math.min(10_000, 100L << (n - 1));
            assertThat(delays.delayFromHalf(n, random))
                    .isBetween(Duration.ofMillis(ceiling / 2), Duration.ofMillis(ceiling));
        }
    }

    @Test
    void delay_ofAVeryLateOne_staysBelowTheLongest() {
        assertThat(backoff.delay(1000, new Random(1))).isLessThanOrEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void new_withALongestBelowTheFirst_isRefused() {
        assertThatThrownBy(() -> new Backoff(Duration.ofSeconds(2), Duration.ofSeconds(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("PT1S");
    }
}
