package io.outbox.testkit.servers;

import java.util.List;

/** A PostgreSQL server. Thread-safe. */
public final class PostgresServer extends DatabaseServer {

    PostgresServer(ServerControl control, boolean shared, TestDatabase administration) {
        super(control, shared, administration);
    }

    @Override
    List<String> dropStatements(String database) {
        return List.of("drop database if exists " + database + " with (force)");
    }
}
