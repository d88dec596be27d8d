package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.Outbox;
import io.outbox.StoreException;
import io.outbox.relay.Relay;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Relays that hear of commits in other processes; their polls are an hour apart. */
class WakeUpsIT {
    private static final Duration LONG = Duration.ofSeconds(30);

    private TestDatabase database;
    private RelaySetting setting;
    private Outbox<Connection> elsewhere;
    private WakeUps wakeUps;
    private final AtomicInteger heard = new AtomicInteger();

    @BeforeEach
    void startARelayThatWaits() throws SQLException {
        database = TestServers.postgres().createDatabase();
        setting = new RelaySetting(database);
        Relay relay = setting.start(
                setting.relay(setting.broker.publisher()).pollInterval(Duration.ofHours(1), Duration.ofHours(1)));
        wakeUps = WakeUps.listen(setting.dataSource, TableNames.standard(), () -> {
            relay.wake();
            heard.incrementAndGet();
        });
        // another store, whose commits the relay's own store does not see, as in another process
        elsewhere = Outbox.builder(JdbcOutboxStore.of(database.dataSource()).withNotify())
                .build();
        await().atMost(LONG)
                .until(() -> relay.status().channel("default").leases().size() == 64 && heard.get() > 0);
        publishElsewhere(true);
        await().atMost(LONG).until(() -> setting.arrivedIds().size() == 2);
    }

    @AfterEach
    void close() {
        wakeUps.close();
        setting.close();
        database.close();
    }

    private void publishElsewhere(boolean commits) throws SQLException {
        try (Connection connection = database.dataSource().getConnection()) {
            connection.setAutoCommit(false);
            elsewhere.publish(connection, setting.message("k").build());
            elsewhere.publish(connection, setting.message("k").build());
            if (commits) {
                connection.commit();
            } else {
                connection.rollback();
            }
        }
    }

    @Test
    void aCommitElsewhere_wakesTheRelay() throws SQLException {
        for (int i = 0; i < 5; i++) {
            int before = setting.arrivedIds().size();
            publishElsewhere(true);
            await().atMost(LONG).until(() -> setting.arrivedIds().size() == before + 2);
        }
    }

    @Test
    void aRollBackElsewhere_isNotHeard() throws SQLException {
        int before = heard.get();
        publishElsewhere(false);
        publishElsewhere(true);

        await().atMost(LONG).until(() -> setting.arrivedIds().size() == 4 && heard.get() > before);
        assertThat(heard.get() - before).as("one transaction, one notification").isEqualTo(1);
    }

    @Test
    void aLostConnection_isReplaced() throws SQLException {
        int before = heard.get();
        try (Connection connection = database.dataSource().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("select pg_terminate_backend(pid) from pg_stat_activity where query ilike 'listen %'");
        }
        await().atMost(LONG).until(() -> heard.get() > before); // which it is after each connect
        int arrived = setting.arrivedIds().size();
        publishElsewhere(true);

        await().atMost(LONG).until(() -> setting.arrivedIds().size() == arrived + 2);
    }

    /** Else what it hears piles up in a connection of the pool that nobody asks for notifications. */
    @Test
    void connectionsThatAreGivenBack_doNotListen() throws Exception {
        wakeUps.close();
        List<Integer> listeningTo = new CopyOnWriteArrayList<>();

        WakeUps again = WakeUps.listen(
                whereClosing(connection -> listeningTo.add(channels(connection))),
                TableNames.standard(),
                heard::incrementAndGet);
        again.close();

        assertThat(listeningTo).isNotEmpty().containsOnly(0);
    }

    private static int channels(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from pg_listening_channels()")) {
            row.next();
            return row.getInt(1);
        }
    }

    /** Something done with a connection. */
    private interface Use {
        void on(Connection connection) throws SQLException;
    }

    /** The pool, with something done with each connection right before it is given back. */
    private DataSource whereClosing(Use use) {
        return proxy(DataSource.class, (self, method, arguments) -> {
            Object result = method.invoke(setting.dataSource, arguments);
            return result instanceof Connection connection ? closing(connection, use) : result;
        });
    }

    private static Connection closing(Connection connection, Use use) {
        return proxy(Connection.class, (self, method, arguments) -> {
            if (method.getName().equals("close") && !connection.isClosed()) {
                use.on(connection);
            }
            return method.invoke(connection, arguments);
        });
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }

    @Test
    void otherDatabases_areRefused() {
        try (HikariDataSource h2 = Engine.H2.fresh()) {
            assertThatThrownBy(() -> WakeUps.listen(h2, TableNames.standard(), () -> {}))
                    .isInstanceOf(StoreException.class);
            Outbox<Connection> notifying =
                    Outbox.builder(JdbcOutboxStore.of(h2).withNotify()).build();
            assertThatThrownBy(() -> Transactions.of(h2)
                            .inTransaction(connection -> notifying.publish(
                                    connection, setting.message("k").build())))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("withNotify needs PostgreSQL");
        }
    }
}
