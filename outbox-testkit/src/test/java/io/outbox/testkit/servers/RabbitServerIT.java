package io.outbox.testkit.servers;

import static org.assertj.core.api.Assertions.assertThat;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import com.rabbitmq.client.MessageProperties;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class RabbitServerIT extends TestServerContract<RabbitServer> {
    private static final Duration LIMIT = Duration.ofSeconds(5);
    private static final String QUEUE = "kept";

    /** Work on an open AMQP channel. */
    private interface Work<R> {
        R on(Channel channel) throws Exception;
    }

    @Override
    RabbitServer create() {
        return TestServers.newRabbit(Map.of());
    }

    @Override
    void prepare() {
        onChannel(server.uri(), channel -> channel.queueDeclare(QUEUE, true, false, false, Map.of()));
    }

    @Override
    void write(String value) {
        onChannel(server.uri(), channel -> {
            channel.confirmSelect();
            channel.basicPublish("", QUEUE, MessageProperties.PERSISTENT_BASIC, value.getBytes(StandardCharsets.UTF_8));
            channel.waitForConfirmsOrDie(LIMIT.toMillis());
            return null;
        });
    }

    @Override
    List<String> read() {
        return onChannel(server.uri(), channel -> {
            List<String> values = new ArrayList<>();
            for (GetResponse got = channel.basicGet(QUEUE, false); got != null; got = channel.basicGet(QUEUE, false)) {
                values.add(new String(got.getBody(), StandardCharsets.UTF_8));
            }
            return values;
        });
    }

    @Test
    void createVhost_isolates() {
        URI other = server.createVhost("a b/c");

        onChannel(other, channel -> channel.queueDeclare("mine", true, false, false, Map.of()));

        assertThat(server.rabbitmqctl("list_queues", "--vhost", "a b/c", "name"))
                .contains("mine");
        assertThat(server.rabbitmqctl("list_queues", "name")).doesNotContain("mine");
    }

    private static <R> R onChannel(URI uri, Work<R> work) {
        return within(LIMIT, () -> {
            ConnectionFactory factory = new ConnectionFactory();
            factory.setUri(uri);
            factory.setAutomaticRecoveryEnabled(false);
            try (Connection connection = factory.newConnection();
                    Channel channel = connection.createChannel()) {
                return work.on(channel);
            }
        });
    }
}
