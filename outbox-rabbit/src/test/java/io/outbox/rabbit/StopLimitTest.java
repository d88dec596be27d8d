package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.ConnectionFactory;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.testkit.InMemoryDedupStore;
import io.outbox.testkit.InMemoryTransactions;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Stopping a loop with limits that cannot be counted. */
class StopLimitTest {
    @Test
    void anyLimit_stopsTheLoop() {
        InMemoryTransactions transactions = new InMemoryTransactions();
        RabbitConsumerLoop loop = RabbitConsumerLoop.builder(
                        new ConnectionFactory(),
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
