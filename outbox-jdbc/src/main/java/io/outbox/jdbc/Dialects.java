package io.outbox.jdbc;

import io.outbox.StoreException;
import java.sql.DatabaseMetaData;
import java.sql.SQLException;

/** The one place that knows databases by name. */
final class Dialects {
    private Dialects() {}

    /** The dialect of the database that a connection leads to. */
    static Dialect of(DatabaseMetaData metaData) throws SQLException {
        String product = metaData.getDatabaseProductName();
        return switch (product) {
            case "PostgreSQL" -> new PostgreSqlDialect();
            case "H2" -> new H2Dialect();
            case "MariaDB" -> new MariaDbDialect();
            // what MySQL's own driver calls both
            case "MySQL" ->
                metaData.getDatabaseProductVersion().contains("MariaDB") ? new MariaDbDialect() : new MySqlDialect();
            case "SQLite" -> new SqliteDialect();
            case "Microsoft SQL Server" -> new SqlServerDialect();
            case "Oracle" -> new OracleDialect();
            default ->
                throw new StoreException("no dialect for the database '" + product
                        + "'; known are PostgreSQL, MariaDB, MySQL, SQLite, SQL Server, Oracle and H2");
        };
    }

    /** The dialect of a script's name, for printing scripts without a database. */
    static Dialect named(String name) {
        return switch (name) {
            case "postgresql" -> new PostgreSqlDialect();
            case "h2" -> new H2Dialect();
            case "mariadb" -> new MariaDbDialect();
            case "mysql" -> new MySqlDialect();
            case "sqlite" -> new SqliteDialect();
            case "sqlserver" -> new SqlServerDialect();
            case "oracle" -> new OracleDialect();
            default ->
                throw new IllegalArgumentException(
                        "database must be postgresql, mariadb, mysql, sqlite, sqlserver, oracle or h2, was '" + name
                                + "'");
        };
    }
}
