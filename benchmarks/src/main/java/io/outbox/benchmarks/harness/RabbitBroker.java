package io.outbox.benchmarks.harness;

import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import io.outbox.benchmarks.wire.ArrivalCheck;
import io.outbox.benchmarks.wire.Arrivals;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServers;
import java.io.IOException;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** A RabbitMQ node; every topic is a quorum queue of that name. */
final class RabbitBroker implements Broker {
    private static final int UNACKNOWLEDGED = 4_000;
    private static final int ACKNOWLEDGE_AT_ONCE = 500;

    private final RabbitServer rabbit = TestServers.newRabbit(Map.of());
    private final Connection connection;

    RabbitBroker() {
        try {
            ConnectionFactory factory = new ConnectionFactory();
            factory.setUri(rabbit.uri().toString());
            connection = factory.newConnection("bench");
        } catch (IOException | TimeoutException | GeneralSecurityException | URISyntaxException e) {
            throw new IllegalStateException("RabbitMQ does not answer", e);
        }
    }

    @Override
    public void describe(Map<String, String> worker) {
        worker.put("amqpUri", rabbit.uri().toString());
    }

    @Override
    public void createTopic(String topic, int partitions) {
        onChannel(channel -> channel.queueDeclare(topic, true, false, false, Map.of("x-queue-type", "quorum")));
    }

    @Override
    public void deleteTopic(String topic) {
        onChannel(channel -> channel.queueDelete(topic));
    }

    /** What is done on a channel. */
    private interface Action {
        void run(Channel channel) throws IOException;
    }

    private void onChannel(Action action) {
        try (Channel channel = connection.createChannel()) {
            action.run(channel);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException("RabbitMQ refuses", e);
        }
    }

    @Override
    public ArrivalSource watch(String topic, int partitions, ArrivalCheck check, boolean prompt) {
        try {
            Channel channel = connection.createChannel();
            channel.basicQos(UNACKNOWLEDGED);
            channel.basicConsume(
                    topic,
                    false,
                    (tag, delivery) -> {
                        synchronized (check) {
                            check.add(delivery.getBody(), System.nanoTime());
                        }
                        long number = delivery.getEnvelope().getDeliveryTag();
                        if (number % ACKNOWLEDGE_AT_ONCE == 0) {
                            channel.basicAck(number, true);
                        }
                    },
                    tag -> {});
            return new QueueArrivals(channel, check);
        } catch (IOException e) {
            throw new IllegalStateException("RabbitMQ refuses", e);
        }
    }

    private record QueueArrivals(Channel channel, ArrivalCheck check) implements ArrivalSource {
        @Override
        public long distinct() {
            return check.distinct();
        }

        @Override
        public Arrivals finish(long sent) {
            try {
                channel.close();
            } catch (IOException | TimeoutException e) {
                throw new IllegalStateException("RabbitMQ does not close a channel", e);
            }
            synchronized (check) {
                return check.result(sent);
            }
        }
    }

    @Override
    public void versions(Map<String, String> versions) {
        versions.put("rabbitmq", String.valueOf(connection.getServerProperties().get("version")));
    }

    @Override
    public void close() {
        connection.abort();
        rabbit.close();
    }
}
