package io.outbox.rabbit;

import com.rabbitmq.client.Address;
import com.rabbitmq.client.Connection;
import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Makes connections, one after the other. Used by one thread. */
final class Connector {
    private final ConnectionFactory factory;
    private final List<Address> addresses;
    private final String name;
    /** Of the connection that is being made; stays null with the client's NIO and Netty, whose writes have a limit of their own. */
    private @Nullable Socket socket;

    /**
     * Prepares it.
     *
     * @param factory how to connect; changed
     * @param addresses the hosts; empty for the factory's
     * @param name of the connections
     */
    Connector(ConnectionFactory factory, List<Address> addresses, String name) {
        this.factory = factory;
        this.addresses = addresses;
        this.name = name;
        factory.setSocketConfigurator(factory.getSocketConfigurator().andThen(made -> socket = made));
    }

    BrokerConnection open() throws IOException, TimeoutException {
        socket = null;
        Connection made = addresses.isEmpty() ? factory.newConnection(name) : factory.newConnection(addresses, name);
        return new BrokerConnection(made, socket);
    }
}
