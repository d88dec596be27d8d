package io.outbox.consumer.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RetryDelaysTest {
    private final RetryDelays delays = new RetryDelays(Duration.ofMillis(100), Duration.ofSeconds(10));

    @Test
    void delay_doublesWithJitterUpToTheLongest() {
        Random random = new Random(1);
        for (int n = 1; n <= 100; n++) {
            long ceiling = n > 8 ? 10_000 : Math.min(10_000, 100L << (n - 1));
            assertThat(delays.delay(n, random)).isBetween(Duration.ofMillis(ceiling / 2), Duration.ofMillis(ceiling));
        }
    }
}
