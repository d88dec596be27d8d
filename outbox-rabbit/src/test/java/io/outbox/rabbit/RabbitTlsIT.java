package io.outbox.rabbit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.outbox.spi.PublishOutcome.Published;
import io.outbox.spi.PublishOutcome.Unavailable;
import io.outbox.testkit.internal.TlsKey;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServers;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Publisher and consumer loop over TLS, with a certificate that is checked. */
@Timeout(120)
class RabbitTlsIT {
    @TempDir
    Path directory;

    private final Inbox inbox = new Inbox();
    private RabbitServer rabbit;
    private TlsKey key;
    private int tlsPort;

    @BeforeEach
    void startWithTls() throws Exception {
        key = TlsKey.create(directory, "server", "changeit");
        try (ServerSocket free = new ServerSocket(0)) {
            tlsPort = free.getLocalPort();
        }
        rabbit = TestServers.newRabbit(Map.of(
                "listeners.ssl.tls",
                "127.0.0.1:" + tlsPort,
                "ssl_options.certfile",
                key.certificate().toString(),
                "ssl_options.keyfile",
                key.privateKey().toString(),
                "ssl_options.verify",
                "verify_none",
                "ssl_options.fail_if_no_peer_cert",
                "false"));
    }

    @AfterEach
    void stop() {
        rabbit.close();
        inbox.close();
    }

    @Test
    void messages_arePublishedAndConsumed_overTls_ifTheCertificateIsTrusted() throws Exception {
        ConnectionFactory factory = factory(key.trusting());
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

    @Test
    void aBrokerThatTakesNothing_isUnavailable_untilItTakesMessagesAgain() throws Exception {
        ConnectionFactory factory = factory(key.trusting());
        try (Connection connection = factory.newConnection();
                Channel channel = connection.createChannel()) {
            channel.queueDeclare("tls", true, false, false, Map.of("x-max-length", 1));
        }
        try (AmqpProxy proxy = new AmqpProxy("127.0.0.1", tlsPort)) {
            factory.setPort(proxy.port());
            try (RabbitPublisher publisher = RabbitPublisher.builder(factory)
                    .confirmTimeout(Duration.ofSeconds(2))
                    .build()) {
                assertThat(new Outcomes(publisher).of("tls")).isInstanceOf(Published.class);
                proxy.stall();
                Outcomes stalled = new Outcomes(publisher);
                for (int i = 0; i < 40; i++) {
                    stalled.publish(Samples.message("tls", "k" + i, "large" + i, new byte[1_000_000], Map.of()));
                }
                assertThat(stalled.await()).hasOnlyElementsOfType(Unavailable.class);
                proxy.heal();

                await().atMost(Duration.ofSeconds(30))
                        .until(() -> new Outcomes(publisher).of("tls") instanceof Published);
            }
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
}
