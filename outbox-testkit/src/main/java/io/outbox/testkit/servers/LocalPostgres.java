package io.outbox.testkit.servers;

import java.io.IOException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A private PostgreSQL cluster; its settings are durable unless the caller says otherwise. */
final class LocalPostgres extends LocalServer {

    static final String USER = "postgres";

    /** The settings that differ from PostgreSQL's own defaults; durability is left as it is, on. */
    private static final Map<String, String> DEFAULTS = Map.of(
            "max_connections", "200",
            "shared_buffers", "256MB");

    private static final Duration INITDB_LIMIT = Duration.ofSeconds(60);

    private final URL archive;
    private final Map<String, String> settings;
    private int port;
    private @Nullable Path binaries;

    LocalPostgres(URL archive, Map<String, String> settings) {
        super("PostgreSQL");
        this.archive = archive;
        this.settings = settings(settings);
    }

    /** Joins the settings of every test server and the caller's, which win. */
    static Map<String, String> settings(Map<String, String> caller) {
        Map<String, String> all = new TreeMap<>(DEFAULTS);
        all.putAll(caller);
        return all;
    }

    String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    @Override
    void layOut() throws IOException {
        port = newPort();
        Path bin = PostgresBinaries.unpack(archive).resolve("bin");
        binaries = bin;
        Path data = Files.createDirectory(data());
        OrdinaryUser.own(data);
        // --no-sync speeds up the making of the data directory only; the server itself runs with fsync
        runTool(
                OrdinaryUser.command(List.of(
                        bin.resolve("initdb").toString(),
                        "--pgdata=" + data,
                        "--username=" + USER,
                        "--auth=trust",
                        "--encoding=UTF8",
                        "--no-locale",
                        "--no-sync")),
                INITDB_LIMIT);
    }

    @Override
    void launchAll() {
        List<String> command = new ArrayList<>(
                List.of(binaries().resolve("postgres").toString(), "-D", data().toString(), "-h", "127.0.0.1"));
        command.addAll(List.of("-p", Integer.toString(port)));
        command.addAll(List.of("-k", "")); // no Unix socket, whose path may be too long for its kind of address
        settings.forEach((key, value) -> command.addAll(List.of("-c", key + "=" + value)));
        launch(OrdinaryUser.command(command));
    }

    @Override
    @Nullable
    String probe() {
        return JdbcProbe.problem(port, jdbcUrl(), USER, "");
    }

    /** "Fast" shutdown: rolls back and disconnects; SIGTERM would wait for the clients to leave. */
    @Override
    String stopSignal() {
        return "INT";
    }

    /** "Immediate" shutdown, which, unlike SIGKILL, gives back the shared memory. */
    @Override
    String discardSignal() {
        return "QUIT";
    }

    @Override
    void environment(Map<String, String> environment) {
        environment.keySet().removeIf(name -> name.startsWith("PG"));
    }

    private Path data() {
        return home().resolve("data");
    }

    private Path binaries() {
        if (binaries == null) {
            throw new IllegalStateException(name() + " was not laid out");
        }
        return binaries;
    }
}
