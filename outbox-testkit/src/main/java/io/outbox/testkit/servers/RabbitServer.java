package io.outbox.testkit.servers;

import com.rabbitmq.client.ConnectionFactory;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** A RabbitMQ node. Thread-safe. */
public final class RabbitServer extends TestServer {

    private static final int PROBE_LIMIT_MILLIS = 5_000;

    private final URI uri;

    RabbitServer(ServerControl control, boolean shared, URI uri) {
        super(control, shared);
        this.uri = Objects.requireNonNull(uri, "uri");
    }

    /**
     * Returns the address of the node with user, password and, where it is not the default one, virtual host.
     *
     * @return for example {@code amqp://guest:guest@127.0.0.1:15673}
     */
    public URI uri() {
        return uri;
    }

    /**
     * Returns the host of {@link #uri()}.
     *
     * @return a name or an address
     */
    public String host() {
        return factory(uri).getHost();
    }

    /**
     * Returns the port of {@link #uri()}.
     *
     * @return the port for AMQP 0-9-1
     */
    public int port() {
        return factory(uri).getPort();
    }

    /**
     * Returns the user of {@link #uri()}, who may do everything.
     *
     * @return the user's name
     */
    public String user() {
        return factory(uri).getUsername();
    }

    /**
     * Returns the password of {@link #user()}.
     *
     * @return the password
     */
    public String password() {
        return factory(uri).getPassword();
    }

    /**
     * Creates a virtual host in which {@link #user()} may do everything. Costs two runs of {@code rabbitmqctl}, about a
     * second each.
     *
     * @param name the virtual host's name
     * @return the address of the virtual host
     * @throws IllegalStateException if it exists or the node does not run
     * @throws UnsupportedOperationException if an environment variable names the server
     */
    public URI createVhost(String name) {
        rabbitmqctl("add_vhost", name);
        rabbitmqctl("set_permissions", "--vhost", name, user(), ".*", ".*", ".*");
        try {
            // not through the constructor with parts, which leaves a slash in the name as it is
            return new URI("%s://%s/%s".formatted(uri.getScheme(), uri.getRawAuthority(), encode(name)));
        } catch (URISyntaxException e) {
            throw new IllegalArgumentException("no address for the virtual host " + name, e);
        }
    }

    /**
     * Runs {@code rabbitmqctl} on this node, for what AMQP cannot do: a memory alarm, closing connections, policies.
     *
     * @param arguments the command and its arguments, for example {@code "set_vm_memory_high_watermark", "0"}
     * @return what it printed to its standard output
     * @throws IllegalStateException if it ends with an error or the node does not run
     * @throws UnsupportedOperationException if an environment variable names the server
     */
    public String rabbitmqctl(String... arguments) {
        List<String> command = new ArrayList<>(List.of("rabbitmqctl", "--quiet"));
        command.addAll(List.of(arguments));
        return control().run(command);
    }

    /** Returns null if the node at this address opens a connection, otherwise what is wrong. */
    static @Nullable String problem(URI uri) {
        ConnectionFactory factory = factory(uri);
        factory.setAutomaticRecoveryEnabled(false);
        factory.setConnectionTimeout(PROBE_LIMIT_MILLIS);
        factory.setHandshakeTimeout(PROBE_LIMIT_MILLIS);
        try {
            factory.newConnection("outbox-test-servers").close();
            return null;
        } catch (IOException | TimeoutException e) {
            return e.toString();
        }
    }

    private static ConnectionFactory factory(URI uri) {
        ConnectionFactory factory = new ConnectionFactory();
        try {
            factory.setUri(uri);
            return factory;
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException("not an AMQP address", e); // without the address, it has a password
        }
    }

    private static String encode(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
