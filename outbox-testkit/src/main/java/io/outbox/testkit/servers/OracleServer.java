package io.outbox.testkit.servers;

import java.util.List;

/** An Oracle database. What is a database elsewhere is a user here, with the password of the server's own user. Thread-safe. */
public final class OracleServer extends DatabaseServer {

    OracleServer(ServerControl control, boolean shared, TestDatabase administration) {
        super(control, shared, administration);
    }

    @Override
    List<String> createStatements(String database) {
        return List.of(
                "create user " + database + " identified by \"" + password() + "\" quota unlimited on users",
                "grant create session, create table, create sequence to " + database);
    }

    @Override
    String urlOf(String database) {
        return jdbcUrl();
    }

    @Override
    String userOf(String database) {
        return database;
    }

    @Override
    List<String> dropStatements(String database) {
        return List.of("drop user if exists " + database + " cascade");
    }
}
