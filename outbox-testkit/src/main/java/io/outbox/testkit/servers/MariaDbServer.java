package io.outbox.testkit.servers;

import java.util.List;

/** A MariaDB server. Thread-safe. */
public final class MariaDbServer extends DatabaseServer {

    MariaDbServer(ServerControl control, boolean shared, TestDatabase administration) {
        super(control, shared, administration);
    }

    @Override
    String urlOf(String database) {
        return JdbcUrl.withDatabase(jdbcUrl(), database);
    }

    @Override
    List<String> dropStatements(String database) {
        return List.of("drop database if exists " + database);
    }
}
