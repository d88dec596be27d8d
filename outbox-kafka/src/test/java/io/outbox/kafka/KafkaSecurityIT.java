package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.PublishOutcome;
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
    private KafkaServer kafka;
    private String address;

    @BeforeEach
    void startWithTlsAndSasl() throws Exception {
        keytool("-genkeypair", "-alias", "server", "-keyalg", "RSA", "-validity", "2", "-dname", "CN=localhost")
                .add("-ext", "san=ip:127.0.0.1,dns:localhost")
                .in("server.p12");
        keytool("-exportcert", "-alias", "server", "-file", file("server.crt")).in("server.p12");
        keytool("-importcert", "-noprompt", "-alias", "server", "-file", file("server.crt"))
                .in("trusted.p12");
        keytool("-genkeypair", "-alias", "other", "-keyalg", "RSA", "-validity", "2", "-dname", "CN=other")
                .in("other.p12");
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
                file("server.p12"),
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
            assertThat(publish(settings("trusted.p12", PASSWORD))).isInstanceOf(PublishOutcome.Published.class);
            try (KafkaConsumerLoop loop = KafkaConsumerLoop.builder(
                            settings("trusted.p12", PASSWORD), List.of(TOPIC), inbox.consumer("billing"), Inbox::effect)
                    .build()) {
                loop.start();
                await().atMost(Duration.ofSeconds(40))
                        .until(() -> inbox.effectIds().contains("1"));
            }
            // nobody's fault: the messages wait
            assertThat(publish(settings("trusted.p12", "wrong-s3cret"))).isInstanceOf(PublishOutcome.Unavailable.class);
            assertThat(publish(settings("other.p12", PASSWORD))).isInstanceOf(PublishOutcome.Unavailable.class);

            assertThat(logs.lines()).isNotEmpty().noneMatch(line -> line.contains("s3cret"));
        }
    }

    @Test
    void aConsumerWithAWrongPassword_triesAgainAndSaysSo() {
        try (CapturedLogs logs = new CapturedLogs();
                KafkaConsumerLoop loop = KafkaConsumerLoop.builder(
                                settings("trusted.p12", "wrong-s3cret"),
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

    private Map<String, Object> settings(String trusted, String password) {
        Map<String, Object> settings = new HashMap<>();
        settings.put("bootstrap.servers", address);
        settings.put("security.protocol", "SASL_SSL");
        settings.put("ssl.truststore.location", file(trusted));
        settings.put("ssl.truststore.password", STORE_PASSWORD);
        settings.put("ssl.truststore.type", "PKCS12");
        settings.put("sasl.mechanism", "SCRAM-SHA-512");
        settings.put(
                "sasl.jaas.config",
                "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"shop\" password=\""
                        + password + "\";");
        return settings;
    }

    private String file(String name) {
        return directory.resolve(name).toString();
    }

    private Keytool keytool(String... arguments) {
        return new Keytool(new java.util.ArrayList<>(List.of(arguments)), directory);
    }

    /** The JDK's tool for certificates. */
    private record Keytool(List<String> arguments, Path directory) {
        Keytool add(String... more) {
            arguments.addAll(List.of(more));
            return this;
        }

        void in(String store) throws Exception {
            arguments.add(
                    0,
                    Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
            arguments.addAll(List.of(
                    "-storetype",
                    "PKCS12",
                    "-keystore",
                    directory.resolve(store).toString(),
                    "-storepass",
                    STORE_PASSWORD));
            assertThat(new ProcessBuilder(arguments).inheritIO().start().waitFor())
                    .isZero();
        }
    }
}
