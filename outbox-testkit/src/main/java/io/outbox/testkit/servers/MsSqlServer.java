package io.outbox.testkit.servers;

import java.util.List;

/** A Microsoft SQL Server. Thread-safe. */
public final class MsSqlServer extends DatabaseServer {

    MsSqlServer(ServerControl control, boolean shared, TestDatabase administration) {
        super(control, shared, administration);
    }

    @Override
    String urlOf(String database) {
        return jdbcUrl() + ";databaseName=" + database;
    }

    /** Cuts the connections first, or the database stays. */
    @Override
    List<String> dropStatements(String database) {
        return List.of("if db_id('" + database + "') is not null begin alter database " + database
                + " set single_user with rollback immediate; drop database " + database + "; end");
    }
}
