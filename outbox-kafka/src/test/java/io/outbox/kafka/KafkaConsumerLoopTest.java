package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.testkit.InMemoryDedupStore;
import io.outbox.testkit.InMemoryTransaction;
import io.outbox.testkit.InMemoryTransactions;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KafkaConsumerLoopTest {
    private final InMemoryTransactions transactions = new InMemoryTransactions();
    private final IdempotentConsumer<InMemoryTransaction> consumer =
            IdempotentConsumer.of("billing", transactions, new InMemoryDedupStore(transactions));

    private KafkaConsumerLoop.Builder<InMemoryTransaction> builder(Map<String, ?> more) {
        Map<String, Object> settings = new HashMap<>(more);
        settings.put("bootstrap.servers", "localhost:1");
        return KafkaConsumerLoop.builder(settings, List.of("orders"), consumer, (transaction, message) -> {});
    }

    @ParameterizedTest
    @CsvSource({
        "enable.auto.commit, true, after the database has committed",
        "key.deserializer, org.apache.kafka.common.serialization.StringDeserializer, decoded by the loop",
        "value.deserializer, org.apache.kafka.common.serialization.StringDeserializer, decoded by the loop",
        "isolation.level, dirty, Kafka refuses",
    })
    void build_refusesWhatBreaksAGuaranteeWithTheReason(String name, String value, String reason) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder(Map.of(name, value)).build())
                .withMessageContaining(reason);
    }

    @Test
    void builder_refusesBadValues() {
        KafkaConsumerLoop.Builder<InMemoryTransaction> builder = builder(Map.of());

        assertThatIllegalArgumentException().isThrownBy(() -> builder.threads(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.maxAttempts(0));
        assertThatIllegalArgumentException().isThrownBy(() -> builder.stopTimeout(Duration.ZERO));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> builder.retryDelays(Duration.ofSeconds(2), Duration.ofSeconds(1)));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> KafkaConsumerLoop.builder(
                        Map.of("bootstrap.servers", "x:1"), List.of(), consumer, (transaction, message) -> {}));
    }

    @Test
    void settings_passThroughWithOurDefaults() {
        ConsumerSettings settings = ConsumerSettings.of(
                Map.of(
                        "bootstrap.servers", "localhost:1",
                        "isolation.level", "read_committed",
                        "security.protocol", "SSL",
                        "client.id", "billing",
                        "max.poll.interval.ms", "4000"),
                "billing");

        assertThat(settings.groupId()).isEqualTo("billing");
        assertThat(settings.consumer())
                .containsEntry("isolation.level", "read_committed")
                .containsEntry("auto.offset.reset", "earliest")
                .containsEntry("enable.auto.commit", false);
        assertThat(settings.forDeadLetters())
                .containsEntry("security.protocol", "SSL")
                .containsEntry("acks", "all")
                .containsEntry("delivery.timeout.ms", 1_000)
                .containsEntry("client.id", "billing-dead-letter")
                .doesNotContainKeys("group.id", "isolation.level");
        assertThat(settings.ofConsumer(2, 3)).containsEntry("client.id", "billing-2");
    }

    @Test
    void loop_thatNeverStartedCloses() {
        KafkaConsumerLoop loop = builder(Map.of("group.id", "other")).build();

        assertThat(loop.isRunning()).isFalse();
        loop.close();
        loop.close();
        assertThat(loop.failure()).isEmpty();
    }

    @Test
    void loop_stopsWhileNoBrokerAnswers() {
        KafkaConsumerLoop loop = builder(Map.of()).build();
        loop.start();
        loop.start();
        assertThat(loop.isRunning()).isTrue();

        assertThat(loop.stop(Duration.ofSeconds(10))).isTrue();
    }
}
