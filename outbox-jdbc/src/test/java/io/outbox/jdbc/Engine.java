package io.outbox.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.util.Locale;
import java.util.UUID;

/** The databases that every test runs on. */
enum Engine {
    POSTGRESQL {
        @Override
        Address freshDatabase() {
            TestDatabase database = TestServers.postgres().createDatabase();
            return new Address(database.jdbcUrl(), database.user(), database.password());
        }
    },
    MARIADB {
        @Override
        Address freshDatabase() {
            TestDatabase database = TestServers.mariadb().createDatabase();
            return new Address(database.jdbcUrl(), database.user(), database.password());
        }

        @Override
        String longAgo() {
            return "'2020-01-01 00:00:00'";
        }

        @Override
        String lockWaitOf50Millis() {
            return "set innodb_lock_wait_timeout = 0";
        }
    },
    H2 {
        @Override
        String lockWaitOf50Millis() {
            return "set lock_timeout 50";
        }

        @Override
        Address freshDatabase() {
            return new Address("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "");
        }
    };

    /** Makes a database without tables. */
    abstract Address freshDatabase();

    /** A literal for a time that has passed. */
    String longAgo() {
        return "timestamp with time zone '2020-01-01 00:00:00+00'";
    }

    /** A statement that has a transaction wait hardly at all for another one's rows. */
    String lockWaitOf50Millis() {
        return "set local lock_timeout = 50";
    }

    /** The name of the dialect. */
    String dialect() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** A pool on a database without tables. */
    HikariDataSource empty() {
        return freshDatabase().pool(true);
    }

    /** A pool on a database with the tables. */
    HikariDataSource fresh() {
        HikariDataSource dataSource = empty();
        OutboxSchema.of(dataSource).create();
        return dataSource;
    }

    /** Where a database is. */
    record Address(String url, String user, String password) {
        HikariDataSource pool(boolean autoCommit) {
            return pool(autoCommit, 10);
        }

        HikariDataSource pool(boolean autoCommit, int size) {
            return new HikariDataSource(configuration(autoCommit, size));
        }

        HikariConfig configuration(boolean autoCommit, int size) {
            HikariConfig configuration = new HikariConfig();
            configuration.setJdbcUrl(url);
            configuration.setUsername(user);
            configuration.setPassword(password);
            configuration.setAutoCommit(autoCommit);
            configuration.setMaximumPoolSize(size);
            configuration.setMinimumIdle(1);
            configuration.setConnectionTimeout(5000);
            return configuration;
        }
    }
}
