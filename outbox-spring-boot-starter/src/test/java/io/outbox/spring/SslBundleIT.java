package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.Message;
import io.outbox.relay.CircuitState;
import io.outbox.relay.Relay;
import io.outbox.testkit.internal.TlsKey;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Configuration;
import org.springframework.transaction.PlatformTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Spring Boot's SSL bundles, on a real Kafka that takes TLS only. */
class SslBundleIT {
    private static final String PASSWORD = "storepass";

    @TempDir
    private static Path directory;

    private static TlsKey server;
    private static TlsKey other;
    private static String address;
    private static KafkaServer kafka;
    private static TestDatabase database;

    @Configuration(proxyBeanMethods = false)
    @EnableAutoConfiguration
    static class Application {}

    @BeforeAll
    static void start() throws Exception {
        server = TlsKey.create(directory, "server", PASSWORD);
        other = TlsKey.create(directory, "other", PASSWORD);
        try (ServerSocket free = new ServerSocket(0)) {
            address = "127.0.0.1:" + free.getLocalPort();
        }
        kafka = TestServers.newKafka(Map.of(
                "listeners",
                "SECURE://" + address,
                "advertised.listeners",
                "SECURE://" + address,
                "listener.security.protocol.map",
                "SECURE:SSL",
                "listener.name.secure.ssl.keystore.location",
                server.keyStore().toString(),
                "listener.name.secure.ssl.keystore.password",
                PASSWORD,
                "listener.name.secure.ssl.keystore.type",
                "PKCS12"));
        kafka.createTopic("orders", 1);
        database = TestServers.postgres().createDatabase();
    }

    @AfterAll
    static void stop() {
        kafka.close();
        database.close();
    }

    private static ConfigurableApplicationContext run(TlsKey trusted) {
        return new SpringApplicationBuilder(Application.class)
                .web(WebApplicationType.NONE)
                .run(
                        "--spring.datasource.url=" + database.jdbcUrl(),
                        "--spring.datasource.username=" + database.user(),
                        "--spring.datasource.password=" + database.password(),
                        "--spring.kafka.bootstrap-servers=" + address,
                        "--spring.kafka.security.protocol=SSL",
                        "--spring.kafka.ssl.bundle=kafka",
                        "--spring.ssl.bundle.pem.kafka.truststore.certificate=file:" + trusted.certificate(),
                        "--spring.main.banner-mode=off",
                        "--outbox.broker=kafka",
                        "--outbox.schema.mode=create",
                        Without.these(Without.JPA));
    }

    private static void publish(ConfigurableApplicationContext context) {
        SpringOutbox outbox = context.getBean(SpringOutbox.class);
        new TransactionTemplate(context.getBean(PlatformTransactionManager.class))
                .executeWithoutResult(status -> outbox.publish(
                        Message.to("orders").type("t").payload("x").build()));
    }

    private static long arrived() throws Exception {
        TopicPartition partition = new TopicPartition("orders", 0);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            return admin.listOffsets(Map.of(partition, OffsetSpec.latest()))
                    .partitionResult(partition)
                    .get()
                    .offset();
        }
    }

    @Test
    void theCertificatesOfTheBundle_areThoseThatAreTrusted() throws Exception {
        try (ConfigurableApplicationContext context = run(other)) {
            publish(context);
            Relay relay = context.getBean(Relay.class);
            await().atMost(Duration.ofSeconds(60))
                    .until(() -> relay.status().channels().get(0).circuit() != CircuitState.CLOSED);
            assertThat(arrived()).isZero();
        }
        try (ConfigurableApplicationContext context = run(server)) {
            publish(context);
            await().atMost(Duration.ofSeconds(60)).until(() -> arrived() == 2);
        }
    }
}
