package io.outbox.quickstart;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.jdbc.TableNames;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The database of one run: a schema of its own, made at the start and dropped at the end. */
final class Database implements AutoCloseable {
    private static final int POOL = 24;

    final HikariDataSource dataSource;
    final String schema;
    final TableNames names;

    private Database(String url, @Nullable String user, @Nullable String password) throws SQLException {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword(password);
        config.setMaximumPoolSize(POOL);
        dataSource = new HikariDataSource(config);
        schema = "quickstart_" + UUID.randomUUID().toString().substring(0, 8);
        names = new TableNames(schema, "outbox_");
        execute("create schema " + schema);
        OutboxSchema.of(dataSource).withTables(names).create();
        execute(Shop.table(schema));
        execute(Billing.table(schema));
    }

    static Database h2() throws SQLException {
        return new Database("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;DATABASE_TO_LOWER=TRUE", null, null);
    }

    static Database postgresql(String url, @Nullable String user, @Nullable String password) throws SQLException {
        return new Database(url, user, password);
    }

    void execute(String... statements) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String sql : List.of(statements)) {
                statement.execute(sql);
            }
        }
    }

    @Override
    public void close() throws SQLException {
        try (dataSource) {
            execute("drop schema " + schema + " cascade");
        }
    }
}
