package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.outbox.Message;
import io.outbox.NoTransactionException;
import io.outbox.annotation.Publishes;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.relay.Relay;
import io.outbox.spring.OrderApplication.Checked;
import io.outbox.spring.OrderApplication.Failure;
import io.outbox.spring.OrderApplication.Orders;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.health.contributor.Status;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** A Spring Boot service on a real PostgreSQL and a real Kafka. */
class SpringBootIT {
    private static final Duration LIMIT = Duration.ofSeconds(40);

    private static TestDatabase database;
    private static KafkaServer kafka;
    private static ConfigurableApplicationContext context;

    private Orders orders;
    private JdbcTemplate jdbc;
    private TransactionTemplate transaction;

    @BeforeAll
    static void start() {
        database = TestServers.postgres().createDatabase();
        kafka = TestServers.kafka();
        kafka.createTopic("orders", 1);
        kafka.createTopic("events", 1);
        context = run(
                OrderApplication.class,
                "CREATE",
                "--management.endpoints.jmx.exposure.include=outbox",
                "--spring.jmx.enabled=true");
        context.getBean(JdbcTemplate.class).execute("create table placed (id varchar(100))");
    }

    private static ConfigurableApplicationContext run(Class<?> application, String schema, String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--spring.datasource.url=" + database.jdbcUrl(),
                "--spring.datasource.username=" + database.user(),
                "--spring.datasource.password=" + database.password(),
                "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
                "--spring.application.name=shop",
                "--spring.main.banner-mode=off",
                "--outbox.broker=kafka",
                // JPA's transaction manager has no nested transactions; JpaIT has it
                Without.these(Without.JPA),
                "--outbox.schema.mode=" + schema));
        arguments.addAll(List.of(more));
        return new SpringApplicationBuilder(application)
                .web(WebApplicationType.NONE)
                .run(arguments.toArray(String[]::new));
    }

    @AfterAll
    static void stop() {
        context.close();
        database.close();
    }

    @BeforeEach
    void beans() {
        orders = context.getBean(Orders.class);
        jdbc = context.getBean(JdbcTemplate.class);
        transaction = new TransactionTemplate(context.getBean(PlatformTransactionManager.class));
    }

    private static String id() {
        return UUID.randomUUID().toString();
    }

    private boolean isPlaced(String id) {
        return Integer.valueOf(1)
                .equals(jdbc.queryForObject("select count(*) from placed where id = ?", Integer.class, id));
    }

    /** Keys of what has arrived, up to and with the given one. */
    private static List<String> arrivedUntil(String topic, String key) {
        Map<String, Object> settings = Map.of(
                "bootstrap.servers", kafka.bootstrapServers(), "group.id", id(), "auto.offset.reset", "earliest");
        List<String> keys = new ArrayList<>();
        try (KafkaConsumer<String, String> consumer =
                new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.subscribe(List.of(topic));
            await().atMost(LIMIT).until(() -> {
                for (ConsumerRecord<String, String> record : consumer.poll(Duration.ofMillis(100))) {
                    keys.add(record.key());
                    assertThat(new String(
                                    record.headers().lastHeader("ce_source").value()))
                            .isEqualTo("/shop");
                }
                return keys.contains(key);
            });
        }
        return keys;
    }

    @Test
    void whatIsPublishedInATransaction_arrives_ifAndOnlyIfItCommits() {
        String good = id();
        String bad = id();
        assertThatThrownBy(() -> orders.place(bad, true)).isInstanceOf(Failure.class);
        orders.pay(new OrderApplication.Order(good));

        assertThat(arrivedUntil("orders", good)).contains(good).doesNotContain(bad);
        assertThat(isPlaced(good)).isTrue();
        assertThat(isPlaced(bad)).isFalse();
    }

    @Test
    void publishingWithoutATransaction_orInAReadOnlyOne_isRefusedWithTheReason() {
        assertThatThrownBy(() -> orders.placeWithoutTransaction(id()))
                .isInstanceOf(NoTransactionException.class)
                .hasMessageContaining("@Transactional");
        assertThatThrownBy(() -> orders.placeReadOnly(id())).isInstanceOf(Exception.class);
    }

    @Test
    void newAndNestedTransactions_decideForThemselves() {
        String outer = id();
        String inNew = id();
        String nested = id();
        String lastOfAll = id();
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    orders.placeInNew(inNew, false);
                    orders.place(outer, false);
                    throw new Failure();
                }))
                .isInstanceOf(Failure.class);
        transaction.executeWithoutResult(status -> {
            assertThatThrownBy(() -> orders.placeNested(nested, true)).isInstanceOf(Failure.class);
            orders.place(lastOfAll, false);
        });

        assertThat(arrivedUntil("orders", lastOfAll)).contains(inNew, lastOfAll).doesNotContain(outer, nested);
        assertThat(isPlaced(inNew)).isTrue();
        assertThat(isPlaced(nested)).isFalse();
    }

    @Test
    void whatAnAnnotatedMethodReturns_isPublishedInItsTransaction() throws Checked {
        String own = id();
        orders.placeAndReturn(own);
        String rolledBack = id();
        assertThatThrownBy(() -> transaction.executeWithoutResult(status -> {
                    orders.placeAndReturn(rolledBack);
                    throw new Failure();
                }))
                .isInstanceOf(Failure.class);
        String last = id();
        orders.placeAndReturn(last);
        assertThat(arrivedUntil("orders", last)).contains(own).doesNotContain(rolledBack);

        String begun = id();
        kafka.createTopic("orders-" + begun, 1);
        orders.placeWithoutOwnTransaction(begun, false);
        assertThat(arrivedUntil("orders-" + begun, begun.toUpperCase(java.util.Locale.ROOT)))
                .hasSize(1);
        String failed = id();
        assertThatThrownBy(() -> orders.placeWithoutOwnTransaction(failed, true))
                .isInstanceOf(Checked.class);
        assertThat(isPlaced(failed)).isFalse();
    }

    @Test
    void anIdempotentMethod_runsOncePerId() throws Checked {
        String number = id();
        assertThatThrownBy(() -> orders.pay(number, true)).isInstanceOf(Checked.class);
        assertThat(isPlaced("paid-" + number)).isFalse();
        orders.pay(number, false);
        orders.pay(number, false);

        assertThat(isPlaced("paid-" + number)).isTrue();
    }

    @Test
    void anOutboxedEvent_goesToTheOutbox() {
        String seen = id();
        orders.see(seen);

        assertThat(arrivedUntil("events", seen)).contains(seen);
    }

    @Test
    void theRelaysHealth_isTheApplicationsHealth() {
        assertThat(context.getBean(OutboxHealthIndicator.class).health().getStatus())
                .isEqualTo(Status.UP);
    }

    @Test
    void theRelaysMeters_haveValues() {
        SimpleMeterRegistry registry = new SimpleMeterRegistry();
        context.getBean("outboxMetrics", MeterBinder.class).bindTo(registry);

        await().atMost(LIMIT).until(() -> registry.get("outbox.leases").gauge().value() == 64);
        assertThat(registry.get("outbox.circuit.open").gauge().value()).isZero();
        assertThat(registry.get("outbox.oldest.waiting").timeGauge().value()).isNotNaN();
        assertThat(registry.get("outbox.published").functionCounter().count()).isNotNegative();
    }

    @Test
    void deadLetters_areShownRedrivenAndDiscarded_byTheEndpoint() {
        OutboxEndpoint endpoint = context.getBean(OutboxEndpoint.class);
        SpringOutbox outbox = context.getBean(SpringOutbox.class);
        String second = transaction.execute(status -> outbox.publish(
                Message.to("no topic at all").type("t").payload(new byte[0]).build()));
        await().atMost(LIMIT)
                .until(() ->
                        endpoint.overview("no topic at all", null).deadLetters().size() == 1);

        OutboxEndpoint.DeadLetter shown =
                endpoint.overview("no topic at all", null).deadLetters().get(0);
        assertThat(shown.messageId()).isEqualTo(second);
        assertThat(shown.reason()).isNotBlank();
        assertThat(endpoint.overview(null, null).relay().isRunning()).isTrue();
        assertThat(endpoint.act(OutboxEndpoint.Action.REDRIVE, null, second, null))
                .isEqualTo(1);
        await().atMost(LIMIT)
                .until(() ->
                        endpoint.overview("no topic at all", null).deadLetters().size() == 1);
        assertThat(endpoint.act(OutboxEndpoint.Action.DISCARD, "no topic at all", null, null))
                .isEqualTo(1);
        assertThat(endpoint.overview("no topic at all", null).deadLetters()).isEmpty();
    }

    @Test
    void whenTheContextStops_theRelayGivesItsLeasesBack() {
        ConfigurableApplicationContext other = run(OrderApplication.class, "VALIDATE");
        Relay relay = other.getBean(Relay.class);
        await().atMost(LIMIT)
                .until(() -> !relay.status().channels().get(0).leases().isEmpty());
        Relay remaining = context.getBean(Relay.class);

        other.close();

        assertThat(relay.status().isRunning()).isFalse();
        int all = context.getBean(JdbcOutboxStore.class).shards();
        await().atMost(LIMIT)
                .until(() -> remaining.status().channels().get(0).leases().size() == all);
    }

    @Configuration(proxyBeanMethods = false)
    static class Wrong extends OrderApplication {
        static class Service {
            @Publishes(destination = "orders", key = "result.nonsense")
            public Placed place() {
                return new Placed("x", List.of());
            }
        }

        @Bean
        Service service() {
            return new Service();
        }
    }

    @Test
    void aWrongExpression_andMissingTables_failTheStart() {
        assertThatThrownBy(() -> run(Wrong.class, "VALIDATE")).hasStackTraceContaining("has no property 'nonsense'");
        assertThatThrownBy(() -> run(OrderApplication.class, "VALIDATE", "--outbox.schema.prefix=other_"))
                .hasStackTraceContaining("other_");
    }
}
