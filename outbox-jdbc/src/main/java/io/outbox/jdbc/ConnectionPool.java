package io.outbox.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import com.zaxxer.hikari.pool.HikariPool;
import io.outbox.TransientStoreException;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/** A HikariCP pool for callers who have a URL and no data source. */
final class ConnectionPool {
    private final HikariDataSource dataSource;

    private ConnectionPool(HikariDataSource dataSource) {
        this.dataSource = dataSource;
    }

    static ConnectionPool open(String url, @Nullable String user, @Nullable String password) {
        try {
            return new ConnectionPool(new HikariDataSource(configuration(url, user, password)));
        } catch (NoClassDefFoundError e) {
            throw new IllegalStateException(
                    "a store made from a URL needs com.zaxxer:HikariCP on the class path; or pass a DataSource", e);
        } catch (HikariPool.PoolInitializationException e) {
            throw new TransientStoreException("could not connect to the database", e);
        }
    }

    private static HikariConfig configuration(String url, @Nullable String user, @Nullable String password) {
        HikariConfig configuration = new HikariConfig();
        configuration.setPoolName("outbox");
        configuration.setJdbcUrl(url);
        configuration.setUsername(user);
        configuration.setPassword(password);
        configuration.setTransactionIsolation("TRANSACTION_READ_COMMITTED");
        return configuration;
    }

    DataSource dataSource() {
        return dataSource;
    }

    void close() {
        dataSource.close();
    }
}
