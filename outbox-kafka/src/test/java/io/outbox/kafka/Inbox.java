package io.outbox.kafka;

import static org.assertj.core.api.Assertions.assertThat;

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
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import javax.sql.DataSource;
import org.h2.jdbcx.JdbcConnectionPool;

/** A consumer's database: the dedup table, and a table that gets a row for each effect, so that repeated ones show. */
final class Inbox implements AutoCloseable {
    record Effect(String id, String key) {}

    private final DataSource dataSource;
    private final AutoCloseable owner;

    private Inbox(DataSource dataSource, AutoCloseable owner) {
        this.dataSource = dataSource;
        this.owner = owner;
        OutboxSchema.of(dataSource).create();
        execute(
                "create table effect (number bigint generated always as identity, id varchar(200), msg_key varchar(200))");
    }

    static Inbox h2() {
        JdbcConnectionPool pool = JdbcConnectionPool.create(
                "jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1;LOCK_TIMEOUT=10000", "sa", "");
        return new Inbox(pool, () -> {
            try (Connection connection = pool.getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("shutdown");
            }
            pool.dispose();
        });
    }

    static Inbox postgres() {
        return of(TestServers.postgres().createDatabase());
    }

    static Inbox of(TestDatabase database) {
        return new Inbox(database.dataSource(), database);
    }

    static Inbox of(String kind) {
        return kind.equals("H2") ? h2() : postgres();
    }

    /** Where it is, unless it is H2 in memory. */
    TestDatabase database() {
        return (TestDatabase) owner;
    }

    IdempotentConsumer<Connection> consumer(String group) {
        return IdempotentConsumer.of(group, Transactions.of(dataSource), JdbcDedupStore.of(dataSource));
    }

    static void effect(Connection connection, ReceivedMessage message) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into effect (id, msg_key) values (?, ?)")) {
            insert.setString(1, message.id());
            insert.setString(2, message.key());
            insert.executeUpdate();
        }
    }

    List<Effect> effects() {
        List<Effect> effects = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select id, msg_key from effect order by number")) {
            while (row.next()) {
                effects.add(new Effect(row.getString(1), row.getString(2)));
            }
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
        return effects;
    }

    List<String> effectIds() {
        return effects().stream().map(Effect::id).toList();
    }

    private void execute(String sql) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Each effect happened once, those of a key in the order of their numbers. */
    void assertOrderPerKey() {
        Map<String, Integer> last = new HashMap<>();
        Set<String> seen = new HashSet<>();
        for (Effect effect : effects()) {
            assertThat(seen.add(effect.id()))
                    .as("effect of %s repeated", effect.id())
                    .isTrue();
            int number = Integer.parseInt(effect.id());
            Integer before = last.put(effect.key(), number);
            assertThat(before == null || before < number)
                    .as("key %s: %s after %s", effect.key(), number, before)
                    .isTrue();
        }
    }

    @Override
    public void close() throws Exception {
        owner.close();
    }
}
