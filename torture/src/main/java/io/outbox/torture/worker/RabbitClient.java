package io.outbox.torture.worker;

import com.rabbitmq.client.ConnectionFactory;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.MessageHandler;
import io.outbox.rabbit.RabbitConsumerLoop;
import io.outbox.rabbit.RabbitPublisher;
import io.outbox.spi.Publisher;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.time.Duration;
import java.util.List;
import java.util.Random;

/** RabbitMQ: an exchange, and a queue with a single active consumer. */
final class RabbitClient implements BrokerClient {
    private static final int SHORT_HEARTBEAT_SECONDS = 4;

    private final String address;

    RabbitClient(String address) {
        this.address = address;
    }

    @Override
    public String destination() {
        return Names.DESTINATION + "/any";
    }

    @Override
    public String refusingDestination() {
        return Names.FORBIDDEN + "/any";
    }

    @Override
    public int refusedBytes() {
        return 0;
    }

    /** With the default times, or with such short ones that it gives connections up during most outages. */
    @Override
    public Publisher publisher(Random random) {
        RabbitPublisher.Builder builder = RabbitPublisher.builder(factory(random));
        return (random.nextBoolean() ? builder.confirmTimeout(Duration.ofSeconds(3)) : builder).build();
    }

    @Override
    public Loop loop(
            IdempotentConsumer<Connection> consumer, MessageHandler<Connection, Exception> handler, Random random) {
        RabbitConsumerLoop.Builder<Connection> builder = RabbitConsumerLoop.builder(
                        factory(random), List.of(Names.WORK), consumer, handler)
                .retryDelays(FIRST_DELAY, LONGEST_DELAY)
                .declareQueues();
        if (random.nextBoolean()) {
            builder.batch(20);
        }
        if (random.nextBoolean()) {
            builder.threads(3);
        }
        RabbitConsumerLoop loop = builder.build();
        loop.start();
        return new Loop() {
            @Override
            public boolean isRunning() {
                return loop.isRunning();
            }

            @Override
            public void close() {
                loop.close();
            }
        };
    }

    private ConnectionFactory factory(Random random) {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(address);
        } catch (URISyntaxException | GeneralSecurityException e) {
            throw new IllegalArgumentException("not an AMQP address", e);
        }
        if (random.nextBoolean()) {
            factory.setRequestedHeartbeat(SHORT_HEARTBEAT_SECONDS);
        }
        return factory;
    }
}
