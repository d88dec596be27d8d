package io.outbox.rabbit;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.jdbc.Transactions;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.sql.DataSource;

/** A consumer's database on a real PostgreSQL, with one row for each effect, in the order they were committed by a key. */
final class Inbox implements AutoCloseable {
    private final TestDatabase database = TestServers.postgres().createDatabase();

    Inbox() {
        OutboxSchema.of(database.dataSource()).create();
        execute(
                "create table effect (number bigint generated always as identity, id varchar(200), msg_key varchar(200))");
    }

    IdempotentConsumer<Connection> consumer(String group) {
        return IdempotentConsumer.of(
                group, Transactions.of(database.dataSource()), JdbcDedupStore.of(database.dataSource()));
    }

    TestDatabase database() {
        return database;
    }

    DataSource dataSource() {
        return database.dataSource();
    }

    static void effect(Connection connection, ReceivedMessage message) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into effect (id, msg_key) values (?, ?)")) {
            insert.setString(1, message.id());
            insert.setString(2, message.key());
            insert.executeUpdate();
        }
    }

    List<String> ids() {
        List<String> ids = new ArrayList<>();
        byKey().values().forEach(ids::addAll);
        return ids;
    }

    /** The ids of each key, in the order in which they took effect. */
    Map<String, List<String>> byKey() {
        Map<String, List<String>> ids = new LinkedHashMap<>();
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select id, msg_key from effect order by number")) {
            while (row.next()) {
                ids.computeIfAbsent(String.valueOf(row.getString(2)), key -> new ArrayList<>())
                        .add(row.getString(1));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return ids;
    }

    void execute(String sql) {
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        database.close();
    }
}
