package io.outbox.docs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.kafka.KafkaConsumerLoop;
import io.outbox.kafka.KafkaPublisher;
import io.outbox.relay.Relay;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs the example of README.md, and those of docs/getting-started.md that need Kafka, on real servers. */
class ReadmeIT {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private final KafkaServer kafka = TestServers.newKafka();
    private final TestDatabase database = TestServers.postgres().createDatabase();
    private final HikariDataSource dataSource = new HikariDataSource();
    private Tables tables;

    @BeforeEach
    void createTables() throws Exception {
        kafka.createTopic("orders", 1);
        dataSource.setJdbcUrl(database.jdbcUrl());
        dataSource.setUsername(database.user());
        dataSource.setPassword(database.password());
        OutboxSchema.of(dataSource).create();
        tables = new Tables(dataSource);
    }

    @AfterEach
    void close() {
        dataSource.close();
        database.close();
        kafka.close();
    }

    @Test
    void readme_publishesRelaysAndConsumes() throws Exception {
        try (ReadmeSnippet ignored =
                new ReadmeSnippet(dataSource, Map.of("bootstrap.servers", kafka.bootstrapServers()), tables)) {
            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(tables.charges()).isEqualTo(1));
        }
        assertThat(tables.orders()).isEqualTo(1);
    }

    @Test
    void gettingStarted_consumesFromKafka() throws Exception {
        GettingStartedSnippets snippets = new GettingStartedSnippets(dataSource, tables);
        JdbcOutboxStore store = JdbcOutboxStore.of(dataSource);
        snippets.kafkaPublisher().close();
        try (KafkaConsumerLoop loop = snippets.consumeFromKafka(Map.of("bootstrap.servers", kafka.bootstrapServers()));
                KafkaPublisher publisher =
                        KafkaPublisher.builder(kafka.bootstrapServers()).build();
                Relay relay = snippets.relay(store, publisher)) {
            snippets.publishInTransaction(new OrderPlaced("o-1", "c-1", 1_999));

            await().atMost(LIMIT)
                    .untilAsserted(() -> assertThat(tables.charges()).isEqualTo(1));
            assertThat(relay.status().isRunning()).isTrue();
            assertThat(loop.isRunning()).isTrue();
        }
    }
}
