package io.outbox.testkit.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where MySQL comes from: an address or Docker, with the driver com.mysql:mysql-connector-j on the class path. Thread-safe. */
final class MySqlSupply extends Supply<MySqlServer> {
    private static final List<String> CREDENTIALS = List.of("user", "password");
    private static final String DRIVER = "com.mysql:mysql-connector-j";
    private static final String USER = "root";
    private static final String PASSWORD = "outbox";

    MySqlSupply() {
        super("MySQL", "OUTBOX_TEST_MYSQL_URL");
    }

    @Override
    MySqlServer external(ExternalServer control, String address) {
        JdbcProbe.requireDriver(address, DRIVER);
        return handle(
                control,
                true,
                JdbcUrl.without(address, CREDENTIALS),
                JdbcUrl.parameter(address, "user").orElse(USER),
                JdbcUrl.parameter(address, "password").orElse(""));
    }

    @Override
    MySqlServer docker(Map<String, String> settings, boolean isShared) {
        int port = FreePort.pick();
        String url = "jdbc:mysql://" + DockerServer.address(port) + "/mysql";
        JdbcProbe.requireDriver(url, DRIVER);
        List<String> command = new ArrayList<>(List.of("mysqld", "--character-set-server=utf8mb4"));
        settings.forEach((name, value) -> command.add("--" + name + "=" + value));
        DockerServer server = new DockerServer(
                "MySQL",
                port,
                new DockerImage(DockerImage.MYSQL, 3_306, command, Map.of("MYSQL_ROOT_PASSWORD", PASSWORD)),
                () -> JdbcProbe.problem(url, USER, PASSWORD));
        server.start();
        return handle(server, isShared, url, USER, PASSWORD);
    }

    @Override
    @Nullable
    String localProblem() {
        return "MySQL comes as no private process";
    }

    @Override
    MySqlServer local(Map<String, String> settings, boolean isShared) {
        throw new IllegalStateException(localProblem());
    }

    private static MySqlServer handle(
            ServerControl control, boolean isShared, String url, String user, String password) {
        return new MySqlServer(control, isShared, new TestDatabase("mysql", url, user, password, () -> {}));
    }
}
