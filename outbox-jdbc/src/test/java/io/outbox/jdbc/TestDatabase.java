package io.outbox.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.UUID;

/** Fresh databases for tests: one server for PostgreSQL, memory for H2. */
enum TestDatabase {
    POSTGRESQL {
        @Override
        String freshUrl() {
            String name = "t" + UUID.randomUUID().toString().replace("-", "");
            try (Connection connection = Server.POSTGRES.getPostgresDatabase().getConnection();
                    java.sql.Statement statement = connection.createStatement()) {
                statement.execute("create database " + name);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return Server.POSTGRES.getJdbcUrl("postgres", name);
        }
    },
    H2 {
        @Override
        String freshUrl() {
            return "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1";
        }
    };

    abstract String freshUrl();

    /** A pool on a database without tables. */
    HikariDataSource empty() {
        return pool(freshUrl(), true);
    }

    /** A pool on a database with the tables. */
    HikariDataSource fresh() {
        HikariDataSource dataSource = empty();
        OutboxSchema.of(dataSource).create();
        return dataSource;
    }

    static HikariDataSource pool(String url, boolean autoCommit) {
        HikariConfig configuration = new HikariConfig();
        configuration.setJdbcUrl(url);
        configuration.setAutoCommit(autoCommit);
        configuration.setMaximumPoolSize(10);
        configuration.setMinimumIdle(1);
        return new HikariDataSource(configuration);
    }

    private static final class Server {
        static final EmbeddedPostgres POSTGRES = start();

        private static EmbeddedPostgres start() {
            try {
                return EmbeddedPostgres.builder().setServerConfig("max_connections", "200").start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
