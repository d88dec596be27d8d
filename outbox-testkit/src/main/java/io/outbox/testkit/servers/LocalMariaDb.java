package io.outbox.testkit.servers;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A private MariaDB server from the distribution's packages. */
final class LocalMariaDb extends LocalServer {
    static final String USER = "outbox";
    static final String PASSWORD = "outbox";

    private static final Duration INSTALL_LIMIT = Duration.ofSeconds(60);

    private final Map<String, String> settings;
    private int port;

    LocalMariaDb(Map<String, String> settings) {
        super("MariaDB");
        this.settings = settings;
    }

    /** Returns null if the packages are there, otherwise what to install. */
    static @Nullable String problem() {
        return Programs.find("mariadbd").isPresent()
                        && Programs.find("mariadb-install-db").isPresent()
                ? null
                : "install MariaDB: apt-get install mariadb-server";
    }

    String jdbcUrl() {
        return "jdbc:mariadb://127.0.0.1:" + port + "/mysql?sslMode=disable";
    }

    @Override
    void layOut() throws IOException {
        port = newPort();
        Path data = Files.createDirectory(data());
        Path temporary = Files.createDirectory(temporary());
        Path users = home().resolve("users.sql");
        Files.writeString(
                users,
                "create user if not exists '" + USER + "'@'%' identified by '" + PASSWORD + "';\n"
                        + "grant all privileges on *.* to '" + USER + "'@'%' with grant option;\n");
        OrdinaryUser.own(data);
        OrdinaryUser.own(temporary);
        runTool(
                OrdinaryUser.command(List.of(
                        Programs.require("mariadb-install-db"),
                        "--no-defaults",
                        "--datadir=" + data,
                        "--tmpdir=" + temporary,
                        "--auth-root-authentication-method=normal",
                        "--skip-test-db")),
                INSTALL_LIMIT);
    }

    @Override
    void launchAll() {
        List<String> command = new ArrayList<>(List.of(
                Programs.require("mariadbd"),
                "--no-defaults",
                "--datadir=" + data(),
                "--tmpdir=" + temporary(),
                "--bind-address=127.0.0.1",
                "--port=" + port,
                "--socket=" + data().resolve("s"),
                "--pid-file=" + data().resolve("pid"),
                "--init-file=" + home().resolve("users.sql"),
                "--character-set-server=utf8mb4",
                "--skip-name-resolve"));
        settings.forEach((name, value) -> command.add("--" + name + "=" + value));
        launch(OrdinaryUser.command(command));
    }

    @Override
    @Nullable
    String probe() {
        return JdbcProbe.problem(port, jdbcUrl(), USER, PASSWORD);
    }

    /** A server that starts removes what others have in a folder that they share. */
    private Path temporary() {
        return home().resolve("tmp");
    }

    private Path data() {
        return home().resolve("data");
    }
}
