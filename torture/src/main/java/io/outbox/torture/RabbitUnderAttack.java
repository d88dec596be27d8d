package io.outbox.torture;

import com.rabbitmq.client.BuiltinExchangeType;
import com.rabbitmq.client.Channel;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import com.rabbitmq.client.GetResponse;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServer;
import io.outbox.testkit.servers.TestServers;
import io.outbox.torture.faults.FaultKind;
import io.outbox.torture.faults.TcpProxy;
import io.outbox.torture.history.History;
import io.outbox.torture.worker.Names;
import io.outbox.torture.worker.Numbered;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A RabbitMQ node. Writers send to one exchange, which is bound to another, which gives each message to the consumers' queue
 * and to one that an observer reads. The one binding between the exchanges takes both away at once. (A stream would be the
 * better memory; with RabbitMQ 3.10 and one node it was seen without a leader for good after SIGKILL.)
 */
final class RabbitUnderAttack implements BrokerUnderAttack {
    private static final String POLICY = "torture-full";
    private static final String ONE_MESSAGE = "{\"max-length\": 1, \"overflow\": \"reject-publish\"}";
    private static final Duration SILENCE = Duration.ofMinutes(2);

    private final RabbitServer server = TestServers.newRabbit(Map.of());
    private final TcpProxy proxy;
    private final WireObserver observer;

    RabbitUnderAttack(TcpProxy proxy) {
        this.proxy = proxy;
        proxy.target(server.host(), server.port());
        onChannel(channel -> {
            channel.exchangeDeclare(Names.DESTINATION, BuiltinExchangeType.FANOUT, true);
            channel.exchangeDeclare(Names.FAN, BuiltinExchangeType.FANOUT, true);
            channel.queueDeclare(
                    Names.WORK, true, false, false, Map.of("x-queue-type", "quorum", "x-single-active-consumer", true));
            channel.queueDeclare(Names.WIRE, true, false, false, Map.of("x-queue-type", "quorum"));
            channel.queueBind(Names.WORK, Names.FAN, "");
            channel.queueBind(Names.WIRE, Names.FAN, "");
            channel.exchangeBind(Names.FAN, Names.DESTINATION, "");
            channel.exchangeDeclare(Names.FORBIDDEN, BuiltinExchangeType.FANOUT, true, false, true, Map.of());
        });
        observer = new WireObserver(factory());
    }

    @Override
    public TestServer server() {
        return server;
    }

    @Override
    public String address() {
        return "amqp://" + server.user() + ":" + server.password() + "@127.0.0.1:" + proxy.port();
    }

    @Override
    public Set<FaultKind> unknown() {
        return Set.of(FaultKind.BROKER_SLOW);
    }

    @Override
    public void hinder(FaultKind kind, boolean begins) {
        switch (kind) {
            case BROKER_REFUSES -> unbind(begins);
            case BROKER_FULL -> server.rabbitmqctl("set_vm_memory_high_watermark", begins ? "0" : "0.4");
            case BROKER_QUEUE_FULL -> limit(begins);
            default -> throw new IllegalArgumentException("not for RabbitMQ: " + kind);
        }
    }

    private void unbind(boolean unbound) {
        onChannel(channel -> {
            if (unbound) {
                channel.exchangeUnbind(Names.FAN, Names.DESTINATION, "");
            } else {
                channel.exchangeBind(Names.FAN, Names.DESTINATION, "");
            }
        });
    }

    @Override
    public void healForGood() {
        onChannel(channel -> {
            channel.exchangeDelete(Names.FORBIDDEN);
            channel.exchangeDeclare(Names.FORBIDDEN, BuiltinExchangeType.FANOUT, true);
            channel.exchangeBind(Names.FAN, Names.FORBIDDEN, "");
        });
    }

    /** The observer's queue still takes what the other one refuses: such a message is on the wire, and must be sent again. */
    private void limit(boolean isLimited) {
        if (isLimited) {
            server.rabbitmqctl("set_policy", POLICY, "^" + Names.WORK + "$", ONE_MESSAGE, "--apply-to", "queues");
        } else {
            server.rabbitmqctl("clear_policy", POLICY);
            // a quorum queue does not tell its publishers that the limit is gone, they would be refused for good:
            // https://github.com/rabbitmq/rabbitmq-server/issues/12206
            proxy.cut();
        }
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
        onChannel(channel -> channel.basicPublish("", Names.WIRE, null, new byte[0]));
        try {
            observer.tell(history, SILENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
        onChannel(channel -> {
            while (true) {
                @Nullable GetResponse copy = channel.basicGet(Names.SET_ASIDE_QUEUE, false);
                if (copy == null) {
                    return;
                }
                Numbered message = Numbered.of(copy.getBody());
                history.setAside(message.key(), message.number());
            }
        });
    }

    @Override
    public void close() {
        observer.close();
        server.close();
    }

    /** What is done on a channel. */
    private interface Action {
        void run(Channel channel) throws IOException;
    }

    private void onChannel(Action action) {
        try (Connection connection = factory().newConnection("torture");
                Channel channel = connection.createChannel()) {
            action.run(channel);
        } catch (IOException | TimeoutException e) {
            throw new IllegalStateException("RabbitMQ refuses", e);
        }
    }

    private ConnectionFactory factory() {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(server.uri());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("not an AMQP address", e);
        }
        return factory;
    }
}
