package io.outbox.testkit.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where MariaDB comes from. Thread-safe. */
final class MariaDbSupply extends Supply<MariaDbServer> {
    private static final List<String> CREDENTIALS = List.of("user", "password");

    MariaDbSupply() {
        super("MariaDB", "OUTBOX_TEST_MARIADB_URL");
    }

    @Override
    MariaDbServer external(ExternalServer control, String address) {
        return handle(
                control,
                true,
                JdbcUrl.without(address, CREDENTIALS),
                JdbcUrl.parameter(address, "user").orElse("root"),
                JdbcUrl.parameter(address, "password").orElse(""));
    }

    @Override
    MariaDbServer docker(Map<String, String> settings, boolean isShared) {
        int port = FreePort.pick();
        String url = "jdbc:mariadb://" + DockerServer.address(port) + "/mysql";
        List<String> command = new ArrayList<>(List.of("mariadbd", "--character-set-server=utf8mb4"));
        settings.forEach((name, value) -> command.add("--" + name + "=" + value));
        DockerServer server = new DockerServer(
                "MariaDB",
                port,
                new DockerImage(
                        DockerImage.MARIADB, 3_306, command, Map.of("MARIADB_ROOT_PASSWORD", LocalMariaDb.PASSWORD)),
                () -> JdbcProbe.problem(url, "root", LocalMariaDb.PASSWORD));
        server.start();
        return handle(server, isShared, url, "root", LocalMariaDb.PASSWORD);
    }

    @Override
    @Nullable
    String localProblem() {
        String platform = platformProblem();
        return platform == null ? LocalMariaDb.problem() : platform;
    }

    @Override
    MariaDbServer local(Map<String, String> settings, boolean isShared) {
        LocalMariaDb server = new LocalMariaDb(settings);
        server.start();
        return handle(server, isShared, server.jdbcUrl(), LocalMariaDb.USER, LocalMariaDb.PASSWORD);
    }

    private static MariaDbServer handle(
            ServerControl control, boolean isShared, String url, String user, String password) {
        return new MariaDbServer(control, isShared, new TestDatabase("mysql", url, user, password, () -> {}));
    }
}
