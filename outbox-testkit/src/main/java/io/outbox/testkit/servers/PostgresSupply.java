package io.outbox.testkit.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where PostgreSQL comes from. Thread-safe. */
final class PostgresSupply extends Supply<PostgresServer> {

    private static final List<String> CREDENTIALS = List.of("user", "password");

    PostgresSupply() {
        super("PostgreSQL", "OUTBOX_TEST_POSTGRESQL_URL");
    }

    @Override
    PostgresServer external(ExternalServer control, String address) {
        return handle(
                control,
                true,
                JdbcUrl.without(address, CREDENTIALS),
                JdbcUrl.parameter(address, "user").orElse("postgres"),
                JdbcUrl.parameter(address, "password").orElse(""));
    }

    @Override
    PostgresServer docker(Map<String, String> settings, boolean isShared) {
        int port = FreePort.pick();
        String url = "jdbc:postgresql://" + DockerServer.address(port) + "/postgres";
        List<String> command = new ArrayList<>(List.of("postgres"));
        LocalPostgres.settings(settings).forEach((key, value) -> command.addAll(List.of("-c", key + "=" + value)));
        DockerServer server = new DockerServer(
                "PostgreSQL",
                port,
                new DockerImage(DockerImage.POSTGRESQL, 5_432, command, Map.of("POSTGRES_HOST_AUTH_METHOD", "trust")),
                () -> JdbcProbe.problem(url, LocalPostgres.USER, ""));
        server.start();
        return handle(server, isShared, url, LocalPostgres.USER, "");
    }

    @Override
    @Nullable
    String localProblem() {
        String platform = platformProblem();
        if (platform == null && PostgresBinaries.archive().isEmpty()) {
            return "add " + PostgresBinaries.artifact() + " to the test class path";
        }
        return platform;
    }

    @Override
    PostgresServer local(Map<String, String> settings, boolean isShared) {
        LocalPostgres server = new LocalPostgres(PostgresBinaries.archive().orElseThrow(), settings);
        server.start();
        return handle(server, isShared, server.jdbcUrl(), LocalPostgres.USER, "");
    }

    private static PostgresServer handle(
            ServerControl control, boolean isShared, String url, String user, String password) {
        TestDatabase administration = new TestDatabase("postgres", url, user, password, () -> {});
        return new PostgresServer(control, isShared, administration);
    }
}
