package io.outbox.torture;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.Delivery;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServer;
import io.outbox.testkit.servers.TestServers;
import io.outbox.torture.faults.FaultKind;
import io.outbox.torture.faults.TcpProxy;
import io.outbox.torture.history.History;
import io.outbox.torture.worker.Names;
import io.outbox.torture.worker.Numbered;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A RabbitMQ node. Writers send to one exchange, which is bound to another, which gives each message to the consumers' queue
 * and to a stream: the stream remembers the wire. The one binding between the exchanges takes both away at once.
 */
final class RabbitUnderAttack implements BrokerUnderAttack {
    private static final int UNACKNOWLEDGED = 1_000;
    private static final long SILENCE_SECONDS = 60;
    private static final byte[] END = "the end".getBytes(StandardCharsets.UTF_8);

    private final RabbitServer server = TestServers.newRabbit(Map.of());
    private final TcpProxy proxy;

    RabbitUnderAttack(TcpProxy proxy) {
        this.proxy = proxy;
        proxy.target(server.host(), server.port());
        onChannel(channel -> {
            channel.exchangeDeclare(Names.DESTINATION, BuiltinExchangeType.FANOUT, true);
            channel.exchangeDeclare(Names.FAN, BuiltinExchangeType.FANOUT, true);
            channel.queueDeclare(
                    Names.WORK, true, false, false, Map.of("x-queue-type", "quorum", "x-single-active-consumer", true));
            channel.queueDeclare(Names.WIRE, true, false, false, Map.of("x-queue-type", "stream"));
            channel.queueBind(Names.WORK, Names.FAN, "");
            channel.queueBind(Names.WIRE, Names.FAN, "");
            channel.exchangeBind(Names.FAN, Names.DESTINATION, "");
        });
    }

    @Override
    public TestServer server() {
        return server;
    }

    @Override
    public String address() {
        return "amqp://%s:%s@127.0.0.1:%d".formatted(server.user(), server.password(), proxy.port());
    }

    @Override
    public Set<FaultKind> unknown() {
        return Set.of();
    }

    @Override
    public void refuse(boolean refuses) {
        onChannel(channel -> {
            if (refuses) {
                channel.exchangeUnbind(Names.FAN, Names.DESTINATION, "");
            } else {
                channel.exchangeBind(Names.FAN, Names.DESTINATION, "");
            }
        });
    }

    @Override
    public void fill(boolean full) {
        server.rabbitmqctl("set_vm_memory_high_watermark", full ? "0" : "0.4");
    }

    @Override
    public long backlog() {
        return server.rabbitmqctl("list_queues", "--no-table-headers", "name", "messages")
                .lines()
                .filter(line -> line.startsWith(Names.WORK + "\t"))
                .mapToLong(line -> Long.parseLong(line.split("\t")[1]))
                .sum();
    }

    @Override
    public void tell(History history) {
        BlockingQueue<Delivery> arrived = new LinkedBlockingQueue<>();
        onChannel(channel -> {
            channel.basicPublish("", Names.WIRE, null, END);
            channel.basicQos(UNACKNOWLEDGED);
            channel.basicConsume(
                    Names.WIRE,
                    false,
                    Map.of("x-stream-offset", "first"),
                    (tag, delivery) -> {
                        channel.basicAck(delivery.getEnvelope().getDeliveryTag(), false);
                        arrived.add(delivery);
                    },
                    tag -> {});
            Delivery next = take(arrived);
            while (!java.util.Arrays.equals(next.getBody(), END)) {
                Numbered message = Numbered.of(next.getBody());
                history.arrived(
                        message.key(),
                        message.number(),
                        "offset " + next.getProperties().getHeaders().get("x-stream-offset"));
                next = take(arrived);
            }
        });
    }

    private static Delivery take(BlockingQueue<Delivery> arrived) throws IOException {
        try {
            Delivery next = arrived.poll(SILENCE_SECONDS, TimeUnit.SECONDS);
            if (next == null) {
                throw new IOException("the stream has no end");
            }
            return next;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        server.close();
    }

    /** What is done on a channel. */
    private interface Action {
        void run(Channel channel) throws IOException;
    }

    private void onChannel(Action action) {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(server.uri());
            try (Connection connection = factory.newConnection("torture");
                    Channel channel = connection.createChannel()) {
                action.run(channel);
            }
        } catch (IOException | TimeoutException | GeneralSecurityException e) {
            throw new IllegalStateException("RabbitMQ refuses", e);
        }
    }
}
