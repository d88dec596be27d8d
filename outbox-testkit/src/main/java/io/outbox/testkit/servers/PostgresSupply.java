package io.outbox.testkit.servers;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where PostgreSQL comes from. Thread-safe. */
final class PostgresSupply extends DatabaseSupply<PostgresServer> {

    PostgresSupply() {
        super(
                "PostgreSQL",
                "OUTBOX_TEST_POSTGRESQL_URL",
                "org.postgresql:postgresql",
                new Administration(
                        "postgres", address -> "jdbc:postgresql://" + address + "/postgres", LocalPostgres.USER, ""),
                settings -> new DockerImage(
                        DockerImage.POSTGRESQL, 5_432, command(settings), Map.of("POSTGRES_HOST_AUTH_METHOD", "trust")),
                PostgresServer::new);
    }

    private static List<String> command(Map<String, String> settings) {
        List<String> command = new ArrayList<>(List.of("postgres"));
        LocalPostgres.settings(settings).forEach((key, value) -> command.addAll(List.of("-c", key + "=" + value)));
        return command;
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
}
