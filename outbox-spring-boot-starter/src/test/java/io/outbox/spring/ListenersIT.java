package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.AMQP;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.outbox.annotation.Idempotent;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.amqp.rabbit.annotation.RabbitListener;
import org.springframework.amqp.rabbit.listener.RabbitListenerEndpointRegistry;
import org.springframework.amqp.support.AmqpHeaders;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.event.EventListener;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.kafka.annotation.KafkaListener;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.Payload;

/** Idempotent methods that are also listeners of Spring's, on real brokers. */
class ListenersIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private static TestDatabase database;
    private static KafkaServer kafka;
    private static RabbitServer rabbit;
    private static ConfigurableApplicationContext context;
    private static JdbcTemplate jdbc;

    /** An event within the application. */
    record Paid(String number) {}

    static class Billing {
        private final JdbcTemplate jdbc;
        private final AtomicBoolean hasFailed = new AtomicBoolean();

        Billing(JdbcTemplate jdbc) {
            this.jdbc = jdbc;
        }

        // tag::kafka-listener[]
        @KafkaListener(topics = "payments", groupId = "billing")
        @Idempotent(consumer = "billing", id = "messageId")
        public void onPayment(@Payload String order, @Header("ce_id") String messageId) {
            jdbc.update("insert into effects (what) values (?)", order);
        }
        // end::kafka-listener[]

        @RabbitListener(queues = "payments")
        @Idempotent(consumer = "billing", id = "messageId")
        public void onQueued(@Payload byte[] order, @Header(AmqpHeaders.MESSAGE_ID) String messageId) {
            jdbc.update("insert into effects (what) values (?)", new String(order, StandardCharsets.UTF_8));
            if (hasFailed.compareAndSet(false, true)) {
                throw new IllegalStateException("the first time it fails, and is delivered again");
            }
        }

        @EventListener
        @Idempotent(consumer = "audit", id = "event.number")
        public void onEvent(Paid event) {
            jdbc.update("insert into effects (what) values (?)", event.number());
        }
    }

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {
        @Bean
        Billing billing(JdbcTemplate jdbc) {
            return new Billing(jdbc);
        }
    }

    @BeforeAll
    static void start() throws Exception {
        database = TestServers.postgres().createDatabase();
        kafka = TestServers.kafka();
        kafka.createTopic("payments", 1);
        rabbit = TestServers.rabbit();
        try (Connection connection = rabbit();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare("payments", true, false, false, Map.of());
        }
        jdbc = new JdbcTemplate(database.dataSource());
        jdbc.execute("create table effects (what varchar(100))");
        context = new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.url=" + database.jdbcUrl(),
                        "--spring.datasource.username=" + database.user(),
                        "--spring.datasource.password=" + database.password(),
                        "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers(),
                        "--spring.kafka.consumer.auto-offset-reset=earliest",
                        "--spring.rabbitmq.addresses=" + rabbit.uri(),
                        "--spring.main.banner-mode=off",
                        "--outbox.broker=none",
                        "--outbox.schema.mode=create",
                        Without.these(Without.JPA));
    }

    private static Connection rabbit() throws Exception {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setUri(rabbit.uri());
        return factory.newConnection();
    }

    @AfterAll
    static void stop() throws Exception {
        context.close();
        try (Connection connection = rabbit();
                Channel channel = connection.createChannel()) {
            channel.queueDelete("payments");
        }
        database.close();
    }

    private static List<String> effects(String... of) {
        return jdbc.queryForList("select what from effects", String.class).stream()
                .filter(List.of(of)::contains)
                .toList();
    }

    @Test
    void aKafkaListener_takesEffectOncePerMessageId() {
        String twice = UUID.randomUUID().toString();
        String last = UUID.randomUUID().toString();
        try (KafkaProducer<String, String> producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", kafka.bootstrapServers()),
                new StringSerializer(),
                new StringSerializer())) {
            for (String text : List.of(twice, twice, last)) {
                ProducerRecord<String, String> record = new ProducerRecord<>("payments", text);
                record.headers().add(new RecordHeader("ce_id", text.getBytes(StandardCharsets.UTF_8)));
                producer.send(record);
            }
        }

        await().atMost(LIMIT).until(() -> effects(last).size() == 1);
        assertThat(effects(twice)).hasSize(1);
    }

    @Test
    void aRabbitListener_takesEffectOncePerMessageId_alsoAfterAFailure() throws Exception {
        String twice = UUID.randomUUID().toString();
        String last = UUID.randomUUID().toString();
        try (Connection connection = rabbit();
                Channel channel = connection.createChannel()) {
            for (String text : List.of(twice, twice, last)) {
                channel.basicPublish(
                        "",
                        "payments",
                        new AMQP.BasicProperties.Builder().messageId(text).build(),
                        text.getBytes(StandardCharsets.UTF_8));
            }
        }

        await().atMost(LIMIT)
                .until(() -> effects(last).size() == 1 && effects(twice).size() >= 1);
        await().atMost(LIMIT).until(ListenersIT::isQueueEmpty);
        assertThat(effects(twice)).hasSize(1);
    }

    private static boolean isQueueEmpty() throws Exception {
        context.getBean(RabbitListenerEndpointRegistry.class).stop();
        try (Connection connection = rabbit();
                Channel channel = connection.createChannel()) {
            return channel.messageCount("payments") == 0;
        } finally {
            context.getBean(RabbitListenerEndpointRegistry.class).start();
        }
    }

    @Test
    void anEventListener_takesEffectOncePerId() {
        String number = UUID.randomUUID().toString();
        context.publishEvent(new Paid(number));
        context.publishEvent(new Paid(number));

        assertThat(effects(number)).hasSize(1);
    }
}
