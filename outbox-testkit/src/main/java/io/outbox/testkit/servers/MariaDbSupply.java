package io.outbox.testkit.servers;

import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Where MariaDB comes from. Thread-safe. */
final class MariaDbSupply extends DatabaseSupply<MariaDbServer> {

    MariaDbSupply() {
        super(
                "MariaDB",
                "OUTBOX_TEST_MARIADB_URL",
                "org.mariadb.jdbc:mariadb-java-client",
                new Administration(
                        "mysql", address -> "jdbc:mariadb://" + address + "/mysql", "root", LocalMariaDb.PASSWORD),
                settings -> new DockerImage(
                        DockerImage.MARIADB,
                        3_306,
                        daemon("mariadbd", settings),
                        Map.of("MARIADB_ROOT_PASSWORD", LocalMariaDb.PASSWORD)),
                MariaDbServer::new);
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
}
