package io.outbox.rabbit;

import static org.awaitility.Awaitility.await;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.outbox.testkit.servers.RabbitServer;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;

/** What tests do with a RabbitMQ besides what they test, each call on a connection of its own. */
record Broker(RabbitServer server) {
    private static final AtomicLong NUMBER = new AtomicLong();

    /** Something done with an AMQP channel. */
    interface Use<T> {
        T on(Channel channel) throws Exception;
    }

    String uri() {
        return server.uri().toString();
    }

    <T> T use(Use<T> use) {
        return use(server.uri(), use);
    }

    <T> T use(URI uri, Use<T> use) {
        ConnectionFactory factory = new ConnectionFactory();
        factory.setAutomaticRecoveryEnabled(false);
        try {
            factory.setUri(uri);
            try (Connection connection = factory.newConnection()) {
                return use.on(connection.createChannel());
            }
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    static String name(String prefix) {
        return prefix + "-" + NUMBER.incrementAndGet();
    }

    String queue(Map<String, Object> arguments) {
        return use(channel ->
                channel.queueDeclare(name("q"), true, false, false, arguments).getQueue());
    }

    String exchange(String type) {
        String name = name("x");
        use(channel -> channel.exchangeDeclare(name, type, true));
        return name;
    }

    String queueBoundTo(String exchange, String routingKey) {
        String queue = queue(Map.of());
        use(channel -> channel.queueBind(queue, exchange, routingKey));
        return queue;
    }

    /** Takes messages off a queue until there are so many, and none is left. */
    List<GetResponse> take(String queue, int atLeast) {
        List<GetResponse> all = new ArrayList<>();
        return use(channel -> {
            await(atLeast + " messages in " + queue)
                    .atMost(Duration.ofSeconds(60))
                    .until(() -> {
                        for (GetResponse got = channel.basicGet(queue, true);
                                got != null;
                                got = channel.basicGet(queue, true)) {
                            all.add(got);
                        }
                        return all.size() >= atLeast;
                    });
            return all;
        });
    }

    List<String> takeIds(String queue, int atLeast) {
        return take(queue, atLeast).stream()
                .map(got -> got.getProps().getMessageId())
                .toList();
    }
}
