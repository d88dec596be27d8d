package io.outbox.quickstart;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.jdbc.TableNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The database of one run: a schema of its own, made at the start and dropped at the end. */
final class Database implements AutoCloseable {
    private static final int POOL = 16;
    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

    final HikariDataSource dataSource;
    final String schema;
    final TableNames names;

    private Database(String url, @Nullable String user, @Nullable String password) throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(POOL);
        config.setConnectionTimeout(CONNECT_LIMIT.toMillis());
        dataSource = new HikariDataSource(config);
        schema = "quickstart_" + UUID.randomUUID().toString().substring(0, 8);
        names = TableNames.standard().withSchema(schema);
        OutboxSchema.of(dataSource).withTables(names).create();
        execute(Shop.table(schema));
        execute(Billing.table(schema));
    }

    static Database h2() throws SQLException {
        return new Database("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1", null, null);
    }

    static Database postgresql(String url, @Nullable String user, @Nullable String password) throws SQLException {
        return new Database(url, user, password);
    }

    void execute(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    @Override
    public void close() throws SQLException {
        try (dataSource) {
            execute("drop schema " + schema + " cascade");
        }
    }
}
