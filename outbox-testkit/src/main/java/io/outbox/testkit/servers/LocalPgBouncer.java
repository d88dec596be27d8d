package io.outbox.testkit.servers;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A private PgBouncer from the distribution's package, before one PostgreSQL server. */
final class LocalPgBouncer extends LocalServer {
    /** The driver sends extra_float_digits when it connects. No Unix socket, whose path may be too long. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "pool_mode", "transaction",
            "max_client_conn", "200",
            "ignore_startup_parameters", "extra_float_digits",
            "unix_socket_dir", "",
            "auth_type", "trust");

    private final DatabaseServer behind;
    private final Map<String, String> settings;
    private int port;

    LocalPgBouncer(DatabaseServer behind, Map<String, String> settings) {
        super("PgBouncer");
        this.behind = behind;
        this.settings = new TreeMap<>(DEFAULTS);
        this.settings.putAll(settings);
    }

    /** Returns null if the package is there, otherwise what to install. */
    static @Nullable String problem() {
        return Programs.find("pgbouncer").isPresent() ? null : "install PgBouncer: apt-get install pgbouncer";
    }

    String jdbcUrl(String database) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
    }

    @Override
    void layOut() throws IOException {
        port = newPort();
        URI server = URI.create(behind.jdbcUrl().substring("jdbc:".length()));
        StringBuilder configuration = new StringBuilder("[databases]\n* = host=" + server.getHost());
        configuration.append(" port=").append(server.getPort()).append("\n\n[pgbouncer]\n");
        configuration.append("listen_addr = 127.0.0.1\nlisten_port = ").append(port);
        configuration.append("\nauth_file = ").append(home().resolve("users")).append('\n');
        settings.forEach((name, value) ->
                configuration.append(name).append(" = ").append(value).append('\n'));
        Files.writeString(home().resolve("pgbouncer.ini"), configuration);
        Files.writeString(home().resolve("users"), "\"" + behind.user() + "\" \"" + behind.password() + "\"\n");
    }

    @Override
    void launchAll() {
        launch(OrdinaryUser.command(List.of(
                Programs.require("pgbouncer"), home().resolve("pgbouncer.ini").toString())));
    }

    @Override
    @Nullable
    String probe() {
        return JdbcProbe.problem(port, jdbcUrl("postgres"), behind.user(), behind.password());
    }
}
