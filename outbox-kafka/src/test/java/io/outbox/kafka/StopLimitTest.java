package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.testkit.InMemoryDedupStore;
import io.outbox.testkit.InMemoryTransactions;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Stopping a loop with limits that cannot be counted. */
class StopLimitTest {
    @Test
    void anyLimit_stopsTheLoop() {
        InMemoryTransactions transactions = new InMemoryTransactions();
        KafkaConsumerLoop loop = KafkaConsumerLoop.builder(
                        Map.of("bootstrap.servers", "localhost:1"),
                        List.of("orders"),
                        IdempotentConsumer.of("billing", transactions, new InMemoryDedupStore(transactions)),
                        (transaction, message) -> {})
                .build();

        for (Duration limit :
                List.of(ChronoUnit.FOREVER.getDuration(), Duration.ofSeconds(Long.MIN_VALUE), Duration.ZERO)) {
            assertThat(loop.stop(limit)).isTrue();
        }
        loop.close();
    }
}
