package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.PublishOutcome;
import io.outbox.testkit.internal.CapturedLogs;
import io.outbox.testkit.internal.TlsKey;
import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.TestServers;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** TLS with a certificate of our own and SASL/SCRAM, on a real Kafka of this machine. */
@Timeout(180)
class KafkaSecurityIT {
    private static final String STORE_PASSWORD = "store-s3cret";
    private static final String PASSWORD = "user-s3cret";
    private static final String TOPIC = "secured";

    @TempDir
    private Path directory;

    private final Inbox inbox = Inbox.h2();
    private TlsKey server;
    private TlsKey other;
    private KafkaServer kafka;
    private String address;

    @BeforeEach
    void startWithTlsAndSasl() throws Exception {
        server = TlsKey.create(directory, "server", STORE_PASSWORD);
        other = TlsKey.create(directory, "other", STORE_PASSWORD);
        try (ServerSocket free = new ServerSocket(0)) {
            address = "127.0.0.1:" + free.getLocalPort();
        }
        kafka = TestServers.newKafka(Map.of(
                "listeners",
                "SECURE://" + address,
                "advertised.listeners",
                "SECURE://" + address,
                "listener.security.protocol.map",
                "SECURE:SASL_SSL",
                "listener.name.secure.ssl.keystore.location",
                server.keyStore().toString(),
                "listener.name.secure.ssl.keystore.password",
                STORE_PASSWORD,
                "listener.name.secure.ssl.keystore.type",
                "PKCS12",
                "listener.name.secure.sasl.enabled.mechanisms",
                "SCRAM-SHA-512",
                "listener.name.secure.scram-sha-512.sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required;"));
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()))) {
            admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                            "shop", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 4096), PASSWORD)))
                    .all()
                    .get();
        }
        kafka.createTopic(TOPIC, 1);
    }

    @AfterEach
    void stop() throws Exception {
        kafka.close();
        inbox.close();
    }

    @Test
    void messages_arePublishedAndConsumed_withTheRightPasswordAndATrustedCertificate_andNoSecretIsLogged() {
        try (CapturedLogs logs = new CapturedLogs()) {
            assertThat(publish(settings(server, PASSWORD))).isInstanceOf(PublishOutcome.Published.class);
            try (KafkaConsumerLoop loop = KafkaConsumerLoop.builder(
                            settings(server, PASSWORD), List.of(TOPIC), inbox.consumer("billing"), Inbox::effect)
                    .build()) {
                loop.start();
                await().atMost(Duration.ofSeconds(40))
                        .until(() -> inbox.effectIds().contains("1"));
            }
            // nobody's fault: the messages wait
            assertThat(publish(settings(server, "wrong-s3cret"))).isInstanceOf(PublishOutcome.Unavailable.class);
            assertThat(publish(settings(other, PASSWORD))).isInstanceOf(PublishOutcome.Unavailable.class);

            assertThat(logs.lines()).isNotEmpty().noneMatch(line -> line.contains("s3cret"));
        }
    }

    @Test
    void aConsumerWithAWrongPassword_triesAgainAndSaysSo() {
        try (CapturedLogs logs = new CapturedLogs();
                KafkaConsumerLoop loop = KafkaConsumerLoop.builder(
                                settings(server, "wrong-s3cret"),
                                List.of(TOPIC),
                                inbox.consumer("billing"),
                                Inbox::effect)
                        .build()) {
            loop.start();
            await().atMost(Duration.ofSeconds(40))
                    .until(() -> logs.lines().stream()
                            .anyMatch(line -> line.contains("io.outbox") && line.contains("Authentication")));

            assertThat(logs.lines()).noneMatch(line -> line.contains("s3cret"));
        }
    }

    private static PublishOutcome publish(Map<String, Object> settings) {
        Outcomes outcomes = new Outcomes();
        try (KafkaPublisher publisher = KafkaPublisher.builder(settings)
                .metadataTimeout(Duration.ofSeconds(3))
                .build()) {
            publisher.publish(Samples.message(TOPIC, "k", "1"), outcomes.of("1"));
            return outcomes.await(1, Duration.ofSeconds(40)).get(0).outcome();
        }
    }

    private Map<String, Object> settings(TlsKey trusted, String password) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", address);
        settings.put("security.protocol", "SASL_SSL");
        settings.put("ssl.truststore.location", trusted.trustStore().toString());
        settings.put("ssl.truststore.password", STORE_PASSWORD);
        settings.put("ssl.truststore.type", "PKCS12");
        settings.put("sasl.mechanism", "SCRAM-SHA-512");
        settings.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"shop\" password=\""
                        + password + "\";");
        return settings;
    }
}
