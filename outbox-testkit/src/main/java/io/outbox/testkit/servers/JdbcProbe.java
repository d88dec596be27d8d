package io.outbox.testkit.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Asks a database or a port on the loopback address whether it answers. */
final class JdbcProbe {

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(2);

    private JdbcProbe() {}

    /** Returns null if the database on this port of the loopback address answers a query, otherwise what is wrong. */
    static @Nullable String problem(int port, String url, String user, String password) {
        String unreachable = portProblem(port);
        if (unreachable != null) {
            return unreachable; // asked first, because drivers and clients log each refused connection
        }
        return problem(url, user, password);
    }

    /** Throws if the class path has no driver for a URL. */
    static void requireDriver(String url, String artifact) {
        try {
            DriverManager.getDriver(url);
        } catch (SQLException e) {
            throw new IllegalStateException("put the driver " + artifact + " on the class path, for " + url, e);
        }
    }

    /** Returns null if the database answers a query, otherwise what is wrong. */
    static @Nullable String problem(String url, String user, String password) {
        try (Connection connection = new DriverDataSource(url, user, password).getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("select 1");
            return null;
        } catch (SQLException e) {
            return e.getMessage();
        }
    }

    /** Returns null if something listens on the port, otherwise what is wrong. */
    static @Nullable String portProblem(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
                    Math.toIntExact(CONNECT_LIMIT.toMillis()));
            return null;
        } catch (IOException e) {
            return "port " + port + ": " + e.getMessage();
        }
    }
}
