package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.outbox.spi.PublishOutcome.Published;
import io.outbox.spi.PublishOutcome.Unavailable;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServers;
import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Publisher and consumer loop over TLS, with a certificate that is checked. */
@Timeout(120)
class RabbitTlsIT {
    private static final String PASSWORD = "changeit";

    @TempDir
    Path directory;

    private final Inbox inbox = new Inbox();
    private RabbitServer rabbit;
    private SSLContext trusting;
    private int tlsPort;

    @BeforeEach
    void startWithTls() throws Exception {
        KeyStore store = makeKey();
        Path certificate =
                pem("cert", "CERTIFICATE", store.getCertificate("server").getEncoded());
        Path key = pem(
                "key",
                "PRIVATE KEY",
                store.getKey("server", PASSWORD.toCharArray()).getEncoded());
        try (ServerSocket free = new ServerSocket(0)) {
            tlsPort = free.getLocalPort();
        }
        rabbit = TestServers.newRabbit(Map.of(
                "listeners.ssl.tls",
                "127.0.0.1:" + tlsPort,
                "ssl_options.certfile",
                certificate.toString(),
                "ssl_options.keyfile",
                key.toString(),
                "ssl_options.verify",
                "verify_none",
                "ssl_options.fail_if_no_peer_cert",
                "false"));
        trusting = trusting(store);
    }

    @AfterEach
    void stop() {
        rabbit.close();
        inbox.close();
    }

    @Test
    void messages_arePublishedAndConsumed_overTls_ifTheCertificateIsTrusted() throws Exception {
        ConnectionFactory factory = factory(trusting);
        try (Connection connection = factory.newConnection();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare("tls", true, false, false, Map.of());
        }
        RabbitConsumerLoop loop = RabbitConsumerLoop.builder(
                        factory, List.of("tls"), inbox.consumer("billing"), Inbox::effect)
                .build();
        try (RabbitPublisher publisher = RabbitPublisher.builder(factory).build();
                loop) {
            loop.start();
            assertThat(new Outcomes(publisher).of("tls")).isInstanceOf(Published.class);
            await().atMost(Duration.ofSeconds(30)).until(() -> inbox.ids().size() == 1);
        }
        try (RabbitPublisher distrustful =
                RabbitPublisher.builder(factory(SSLContext.getDefault())).build()) {
            assertThat(new Outcomes(distrustful).of("tls")).isInstanceOf(Unavailable.class);
        }
    }

    private ConnectionFactory factory(SSLContext context) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setHost("127.0.0.1");
        factory.setPort(tlsPort);
        factory.setUsername(rabbit.user());
        factory.setPassword(rabbit.password());
        factory.useSslProtocol(context);
        factory.enableHostnameVerification();
        return factory;
    }

    private KeyStore makeKey() throws Exception {
        Path file = directory.resolve("server.p12");
        String keytool =
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString();
        Process process = new ProcessBuilder(
                        keytool,
                        "-genkeypair",
                        "-alias",
                        "server",
                        "-keyalg",
                        "RSA",
                        "-keysize",
                        "2048",
                        "-validity",
                        "2",
                        "-dname",
                        "CN=localhost",
                        "-ext",
                        "san=ip:127.0.0.1,dns:localhost",
                        "-storetype",
                        "PKCS12",
                        "-keystore",
                        file.toString(),
                        "-storepass",
                        PASSWORD)
                .inheritIO()
                .start();
        assertThat(process.waitFor()).isZero();
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(file)) {
            store.load(in, PASSWORD.toCharArray());
        }
        return store;
    }

    private Path pem(String name, String type, byte[] content) throws IOException {
        String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(content);
        return Files.writeString(
                directory.resolve(name + ".pem"),
                "-----BEGIN " + type + "-----\n" + text + "\n-----END " + type + "-----\n");
    }

    private static SSLContext trusting(KeyStore own) throws Exception {
        KeyStore trusted = KeyStore.getInstance("PKCS12");
        trusted.load(null, null);
        trusted.setCertificateEntry("server", own.getCertificate("server"));
        TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(trusted);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(null, managers.getTrustManagers(), null);
        return context;
    }
}
