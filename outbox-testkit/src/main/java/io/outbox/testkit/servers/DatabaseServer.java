package io.outbox.testkit.servers;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import javax.sql.DataSource;

/** A database server; {@link #createDatabase()} gives each test a database of its own. Thread-safe. */
public abstract sealed class DatabaseServer extends TestServer
        permits PostgresServer, MariaDbServer, MySqlServer, MsSqlServer, OracleServer {

    private final TestDatabase administration;

    DatabaseServer(ServerControl control, boolean shared, TestDatabase administration) {
        super(control, shared);
        this.administration = administration;
    }

    /**
     * Returns the JDBC URL of the server's own database, without user and password.
     *
     * @return for example {@code jdbc:postgresql://127.0.0.1:15432/postgres}
     */
    public final String jdbcUrl() {
        return administration.jdbcUrl();
    }

    /**
     * Returns the user for every database of this server, who may create databases.
     *
     * @return the user's name
     */
    public final String user() {
        return administration.user();
    }

    /**
     * Returns the password of {@link #user()}.
     *
     * @return the password, which may be empty
     */
    public final String password() {
        return administration.password();
    }

    /**
     * Returns a data source without a pool for {@link #jdbcUrl()}: each call of {@code getConnection} opens a new one.
     *
     * @return a thread-safe data source
     */
    public final DataSource dataSource() {
        return administration.dataSource();
    }

    /**
     * Creates an empty database. Runs on a connection of its own, in auto-commit mode; costs 20 to 100 ms.
     *
     * @return the database, which is dropped by {@link TestDatabase#close()} or goes with the server's data
     * @throws IllegalStateException if the server does not run or refuses
     */
    public final TestDatabase createDatabase() {
        String name = "outbox_" + Long.toString(ThreadLocalRandom.current().nextLong(Long.MAX_VALUE), 36);
        execute(createStatements(name));
        return new TestDatabase(name, urlOf(name), userOf(name), password(), () -> execute(dropStatements(name)));
    }

    List<String> createStatements(String database) {
        return List.of("create database " + database);
    }

    String urlOf(String database) {
        return JdbcUrl.withDatabase(jdbcUrl(), database);
    }

    /** Returns who owns a database; the password is the server's. */
    String userOf(String database) {
        return user();
    }

    List<String> dropStatements(String database) {
        return List.of("drop database if exists " + database);
    }

    private void execute(List<String> statements) {
        String sql = "";
        try (Connection connection = dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            for (String next : statements) {
                sql = next;
                statement.execute(sql);
            }
        } catch (SQLException e) {
            throw new IllegalStateException(name() + " refuses \"" + sql + "\": " + e.getMessage(), e);
        }
    }
}
