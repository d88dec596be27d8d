package io.outbox.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.outbox.testkit.servers.DatabaseServer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** The databases that every test runs on. */
enum Engine {
    POSTGRESQL {
        @Override
        DatabaseServer newServer() {
            return TestServers.newPostgres();
        }

        @Override
        Address freshDatabase() {
            return address(TestServers.postgres().createDatabase());
        }
    },
    MARIADB {
        @Override
        DatabaseServer newServer() {
            return TestServers.newMariadb(Map.of());
        }

        @Override
        String sessionZone(String offset) {
            return "set time_zone = '" + offset + "'";
        }

        @Override
        Address freshDatabase() {
            return address(TestServers.mariadb().createDatabase());
        }

        @Override
        String longAgo() {
            return "'2020-01-01 00:00:00'";
        }

        @Override
        String lockWaitOf50Millis() {
            return "set innodb_lock_wait_timeout = 0";
        }

        @Override
        void allowLargePackets(DataSource dataSource) throws SQLException {
            try (Connection connection = dataSource.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("set global max_allowed_packet = 67108864");
            }
        }
    },
    H2 {
        @Override
        String sessionZone(String offset) {
            return "set time zone '" + offset + "'";
        }

        @Override
        boolean knowsWriters() {
            return false;
        }

        @Override
        String lockWaitOf50Millis() {
            return "set lock_timeout 50";
        }

        @Override
        int longestPayload() {
            return 1 << 20;
        }

        @Override
        Address freshDatabase() {
            return new Address("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", "sa", "");
        }
    },
    SQLITE {
        @Override
        @Nullable
        String sessionZone(String offset) {
            return null;
        }

        @Override
        Address freshDatabase() {
            return new Address("jdbc:sqlite:" + SqliteFiles.fresh() + "?journal_mode=WAL&busy_timeout=20000", "", "");
        }

        @Override
        String longAgo() {
            return "strftime('%s', '2020-01-01') * 1000000";
        }

        @Override
        String lockWaitOf50Millis() {
            return "pragma busy_timeout = 50";
        }

        @Override
        String tooLong() {
            return "SQLState null, error code 19";
        }

        @Override
        boolean hasOneWriter() {
            return true;
        }

        @Override
        boolean hasSchemas() {
            return false;
        }
    },
    MYSQL {
        @Override
        DatabaseServer newServer() {
            return TestServers.newMysql(Map.of());
        }

        @Override
        String sessionZone(String offset) {
            return MARIADB.sessionZone(offset);
        }

        @Override
        Address freshDatabase() {
            return address(TestServers.mysql().createDatabase());
        }

        @Override
        String longAgo() {
            return MARIADB.longAgo();
        }

        @Override
        String lockWaitOf50Millis() {
            return "set innodb_lock_wait_timeout = 1";
        }

        @Override
        void allowLargePackets(DataSource dataSource) throws SQLException {
            MARIADB.allowLargePackets(dataSource);
        }
    },
    SQLSERVER {
        @Override
        DatabaseServer newServer() {
            return TestServers.newSqlserver();
        }

        @Override
        @Nullable
        String sessionZone(String offset) {
            return null;
        }

        @Override
        Address freshDatabase() {
            return address(TestServers.sqlserver().createDatabase());
        }

        @Override
        boolean knowsWriters() {
            return false;
        }

        @Override
        String tooLong() {
            return "SQLState";
        }

        @Override
        String longAgo() {
            return "'2020-01-01 00:00:00'";
        }

        @Override
        String lockWaitOf50Millis() {
            return "set lock_timeout 50";
        }
    },
    ORACLE {
        @Override
        DatabaseServer newServer() {
            return TestServers.newOracle();
        }

        @Override
        String sessionZone(String offset) {
            return "alter session set time_zone = '" + offset + "'";
        }

        @Override
        Address freshDatabase() {
            return address(TestServers.oracle().createDatabase());
        }

        @Override
        boolean knowsWriters() {
            return false;
        }

        @Override
        boolean hasSchemas() {
            return false;
        }

        @Override
        String tooLong() {
            return "SQLState";
        }

        @Override
        String longAgo() {
            return "timestamp '2020-01-01 00:00:00'";
        }

        @Override
        String lockWaitOf50Millis() {
            return ""; // an insert waits for as long as it takes
        }
    };

    private static Address address(TestDatabase database) {
        return new Address(database.jdbcUrl(), database.user(), database.password());
    }

    /** Whether it is a server, which can be killed. */
    boolean isServer() {
        return this != H2 && this != SQLITE;
    }

    /** Starts a server that is the test's own. */
    DatabaseServer newServer() {
        throw new UnsupportedOperationException(name() + " is no server");
    }

    /** Whether it tells of transactions that are not committed. */
    boolean knowsWriters() {
        return true;
    }

    /** What each test runs on: every engine that needs no Docker, or those named by outbox.test.databases. */
    static List<Engine> tested() {
        String named = System.getProperty("outbox.test.databases", "postgresql,mariadb,h2,sqlite");
        return Arrays.stream(named.split(","))
                .map(name -> valueOf(name.strip().toUpperCase(Locale.ROOT)))
                .toList();
    }

    /** Those of them that keep their tables with InnoDB. */
    static List<Engine> innoDb() {
        return tested().stream()
                .filter(engine -> engine == MARIADB || engine == MYSQL)
                .toList();
    }

    /** Whether a transaction that has written makes all others wait that want to. */
    boolean hasOneWriter() {
        return false;
    }

    /** What an error for a text that is too long is called. */
    String tooLong() {
        return "SQLState 22001";
    }

    /** Whether tables can be in a schema. */
    boolean hasSchemas() {
        return true;
    }

    /** Makes a database without tables. */
    abstract Address freshDatabase();

    /** The longest payload that the tests try: 16 MiB, or less where the database takes less. */
    int longestPayload() {
        return 16 << 20;
    }

    /** Has new connections take statements of 64 MiB where that is a setting. */
    void allowLargePackets(DataSource dataSource) throws SQLException {}

    /** A pool on the database of another pool, with connections of its own. */
    HikariDataSource sameDatabase(HikariDataSource pool) {
        return sameDatabase(pool, 2);
    }

    HikariDataSource sameDatabase(HikariDataSource pool, int size) {
        return new Address(pool.getJdbcUrl(), pool.getUsername(), pool.getPassword()).pool(true, size);
    }

    /** How many transactions, some of them held open, a test waits for. */
    int transactionsOfARelayTest() {
        return hasOneWriter() ? 300 : this == POSTGRESQL ? 3000 : 1000;
    }

    /** A statement that gives a connection a time zone, by its offset; null where connections have none. */
    @Nullable
    String sessionZone(String offset) {
        return "set time zone interval '" + offset + "' hour to minute";
    }

    /** A literal for a time that has passed. */
    String longAgo() {
        return "timestamp with time zone '2020-01-01 00:00:00+00'";
    }

    /** A statement that has a connection wait hardly at all for another one's rows. */
    String lockWaitOf50Millis() {
        return "set lock_timeout = 50";
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
