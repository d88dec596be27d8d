package io.outbox.testkit.servers;

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
    String dropStatement(String database) {
        return "drop database if exists " + database;
    }
}
