package io.outbox.testkit.servers;

/**
 * A PgBouncer before a PostgreSQL server, in transaction mode unless its settings say otherwise. Thread-safe.
 *
 * <p>Before version 1.21 it does not know prepared statements: let the driver make none, with {@code prepareThreshold=0}.
 */
public final class PgBouncer extends TestServer {
    private final LocalPgBouncer local;

    PgBouncer(LocalPgBouncer local) {
        super(local, false);
        this.local = local;
    }

    /**
     * Returns the JDBC URL that leads to a database of the server behind; user and password are the server's.
     *
     * @param database a database of that server
     * @return for example {@code jdbc:postgresql://127.0.0.1:16432/orders}
     */
    public String jdbcUrl(TestDatabase database) {
        return local.jdbcUrl(database.name());
    }
}
