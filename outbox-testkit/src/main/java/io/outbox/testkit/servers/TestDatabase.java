package io.outbox.testkit.servers;

import java.util.Objects;
import javax.sql.DataSource;

/** One database of a {@link DatabaseServer}. Immutable. */
public final class TestDatabase implements AutoCloseable {

    private final String name;
    private final String jdbcUrl;
    private final String user;
    private final String password;
    private final Runnable drop;

    TestDatabase(String name, String jdbcUrl, String user, String password, Runnable drop) {
        this.name = Objects.requireNonNull(name, "name");
        this.jdbcUrl = Objects.requireNonNull(jdbcUrl, "jdbcUrl");
        this.user = Objects.requireNonNull(user, "user");
        this.password = Objects.requireNonNull(password, "password");
        this.drop = Objects.requireNonNull(drop, "drop");
    }

    /**
     * Returns the name of the database on its server.
     *
     * @return a name that needs no quotes
     */
    public String name() {
        return name;
    }

    /**
     * Returns the JDBC URL, without user and password.
     *
     * @return the URL
     */
    public String jdbcUrl() {
        return jdbcUrl;
    }

    /**
     * Returns the user to connect as, who owns the database.
     *
     * @return the user's name
     */
    public String user() {
        return user;
    }

    /**
     * Returns the password of {@link #user()}.
     *
     * @return the password, which may be empty
     */
    public String password() {
        return password;
    }

    /**
     * Returns a data source without a pool: each call of {@code getConnection} opens a new one.
     *
     * @return a thread-safe data source
     */
    public DataSource dataSource() {
        return new DriverDataSource(jdbcUrl, user, password);
    }

    /**
     * Drops the database; open connections to it are cut. Repeating the call does nothing. Needed only where the server
     * outlives the test, as one that an environment variable names does.
     *
     * @throws IllegalStateException if the server does not run
     */
    @Override
    public void close() {
        drop.run();
    }

    /** Returns the URL. */
    @Override
    public String toString() {
        return jdbcUrl;
    }
}
