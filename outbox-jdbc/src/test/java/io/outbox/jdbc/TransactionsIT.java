package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.StoreException;
import io.outbox.spi.OutboxRecord;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Savepoint;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.sql.DataSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Transactions, and the messages that they keep back until the commit. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class TransactionsIT extends DatabaseTest {
    TransactionsIT(Engine engine) {
        super(engine);
    }

    private int rowsSeenBy(Connection connection) throws SQLException {
        try (var statement = connection.createStatement();
                var row = statement.executeQuery("select count(*) from outbox_message")) {
            row.next();
            return row.getInt(1);
        }
    }

    @Test
    void inTransaction_writesAllMessagesRightBeforeTheCommit() throws SQLException {
        int before = transactions.<Integer, SQLException>inTransaction(connection -> {
            store.append(connection, List.of(message("a", null)));
            store.append(connection, List.of(message("b", null), message("c", null)));
            return rowsSeenBy(connection);
        });

        assertThat(before).isZero();
        assertThat(idsOf(waiting())).containsExactly("a", "b", "c");
    }

    @Test
    void inTransaction_keepsBackNoMoreThanAThousand() throws SQLException {
        int before = transactions.<Integer, SQLException>inTransaction(connection -> {
            for (int i = 0; i < 1500; i++) {
                store.append(connection, List.of(message("m" + i, null)));
            }
            return rowsSeenBy(connection);
        });

        assertThat(before).isEqualTo(1000);
        assertThat(store.idsBetween(CHANNEL, ALL_SHARDS, 0, Long.MAX_VALUE, 2000))
                .hasSize(1500);
    }

    @Test
    void inTransaction_thatThrows_leavesNothing() {
        IOException failure = new IOException("no");

        assertThatThrownBy(() -> transactions.<Void, IOException>inTransaction(connection -> {
                    store.append(connection, List.of(message("a", null)));
                    throw failure;
                }))
                .isSameAs(failure)
                .hasNoSuppressedExceptions();

        assertThat(waiting()).isEmpty();
        assertThat(dataSource.getHikariPoolMXBean().getActiveConnections()).isZero();
    }

    @Test
    void inTransaction_passesOnWhatTheWorkThrows() {
        SQLException checked = new SQLException("checked");
        AssertionError error = new AssertionError("error");

        assertThatThrownBy(() -> transactions.<Void, SQLException>inTransaction(connection -> {
                    throw checked;
                }))
                .isSameAs(checked);
        assertThatThrownBy(() -> transactions.<Void, RuntimeException>inTransaction(connection -> {
                    throw error;
                }))
                .isSameAs(error);
    }

    @Test
    void inTransaction_insideAnother_joins() throws SQLException {
        transactions.<Void, SQLException>inTransaction(outer -> {
            store.append(outer, List.of(message("a", null)));
            transactions.<Void, SQLException>inTransaction(inner -> {
                assertThat(inner).isSameAs(outer);
                store.append(inner, List.of(message("b", null)));
                return null;
            });
            assertThat(waiting()).isEmpty();
            return null;
        });
        assertThat(idsOf(waiting())).containsExactly("a", "b");

        assertThatThrownBy(() -> transactions.<Void, IOException>inTransaction(outer -> {
                    transactions.<Void, IOException>inTransaction(inner -> {
                        store.append(inner, List.of(message("c", null)));
                        return null;
                    });
                    throw new IOException("outer");
                }))
                .isInstanceOf(IOException.class);
        assertThat(waiting()).hasSize(2);
    }

    @Test
    void inTransaction_onAnotherThreadOrOfAnotherRunner_isSeparate() {
        Transactions other = Transactions.of(dataSource);
        assertThatThrownBy(() -> transactions.<Void, IOException>inTransaction(outer -> {
                    other.inTransaction(separate -> {
                        store.append(separate, List.of(message("a", null)));
                        store.append(outer, List.of(message("lost", null)));
                        return null;
                    });
                    CompletableFuture.runAsync(() -> transactions.inTransaction(separate -> {
                                store.append(separate, List.of(message("b", null)));
                                return null;
                            }))
                            .join();
                    throw new IOException("outer");
                }))
                .isInstanceOf(IOException.class);

        assertThat(idsOf(waiting())).containsExactly("a", "b");
    }

    @Test
    void rollbackToASavepoint_takesWithItWhatWasAppendedAfterIt() throws SQLException {
        transactions.<Void, SQLException>inTransaction(connection -> {
            store.append(connection, List.of(message("before", null)));
            Savepoint savepoint = connection.setSavepoint();
            store.append(connection, List.of(message("undone", null)));
            connection.rollback(savepoint);
            store.append(connection, List.of(message("after", null)));
            return null;
        });

        assertThat(idsOf(waiting())).containsExactly("before", "after");
    }

    @Test
    void work_mayNotEndTheTransaction() throws SQLException {
        transactions.<Void, SQLException>inTransaction(connection -> {
            store.append(connection, List.of(message("a", null)));
            for (org.assertj.core.api.ThrowableAssert.ThrowingCallable ending :
                    List.<org.assertj.core.api.ThrowableAssert.ThrowingCallable>of(
                            connection::commit,
                            connection::rollback,
                            connection::close,
                            () -> connection.setAutoCommit(true))) {
                assertThatThrownBy(ending)
                        .isInstanceOf(SQLException.class)
                        .hasMessageContaining("not for the work inside inTransaction");
            }
            assertThat(connection.isClosed()).isFalse();
            assertThat(connection.unwrap(Connection.class)).isNotNull();
            assertThat(connection.toString()).startsWith("transaction on");
            assertThat(connection).isEqualTo(connection).hasSameHashCodeAs(connection);
            return null;
        });
        assertThat(waiting()).hasSize(1);
    }

    @Test
    void listeners_hearOfTheirChannelsAfterTheCommit() throws SQLException {
        List<String> heard = new ArrayList<>();
        Runnable failing = store.onCommit(channel -> {
            throw new IllegalStateException("expected by the test");
        });
        Runnable registration = store.onCommit(heard::add);
        store.onCommit(heard::add);

        transactions.<Void, SQLException>inTransaction(connection -> {
            store.append(connection, List.of(message("a", null), message("b", null)));
            assertThat(heard).isEmpty();
            return null;
        });
        assertThat(heard).containsExactly(CHANNEL, CHANNEL);
        failing.run();
        registration.run();
        registration.run();
        transactions.inTransaction(connection -> {
            store.append(connection, List.of(message("c", null)));
            return null;
        });
        transactions.inTransaction(connection -> 1);
        append(message("d", null));

        assertThat(heard).hasSize(3);
    }

    @Test
    void aFailedWrite_rollsEverythingBack() throws SQLException {
        OutboxRecord tooLong =
                new OutboxRecord("x".repeat(300), CHANNEL, "o", null, "t", "x", java.util.Map.of(), new byte[0], null);
        execute("create table mine (id integer)");

        assertThatThrownBy(() -> transactions.<Void, SQLException>inTransaction(connection -> {
                    try (var statement = connection.createStatement()) {
                        statement.execute("insert into mine values (1)");
                    }
                    store.append(connection, List.of(tooLong));
                    return null;
                }))
                .isInstanceOf(StoreException.class);

        try (Connection connection = dataSource.getConnection();
                var statement = connection.createStatement();
                var row = statement.executeQuery("select count(*) from mine")) {
            row.next();
            assertThat(row.getInt(1)).isZero();
        }
    }

    @Test
    void connections_areGivenBackAsTheyCame() throws SQLException {
        for (boolean autoCommit : new boolean[] {true, false}) {
            try (Connection real = dataSource.getConnection()) {
                real.setAutoCommit(autoCommit);
                List<String> calls = new ArrayList<>();
                Transactions.of(single(real, calls)).inTransaction(connection -> {
                    store.append(connection, List.of(message("m" + autoCommit, null)));
                    return null;
                });
                assertThat(calls).containsOnlyOnce("close");
                assertThat(real.getAutoCommit()).isEqualTo(autoCommit);
            }
        }
        assertThat(waiting()).hasSize(2);
    }

    /** A data source of one connection, whose close is only noted. */
    private static DataSource single(Connection real, List<String> calls) {
        Connection spied = (Connection) Proxy.newProxyInstance(
                TransactionsIT.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> {
                    calls.add(method.getName());
                    return method.getName().equals("close") ? null : method.invoke(real, arguments);
                });
        return (DataSource) Proxy.newProxyInstance(
                TransactionsIT.class.getClassLoader(), new Class<?>[] {DataSource.class}, (p, m, a) -> spied);
    }

    /** To change the auto-commit mode in a transaction is to commit it. */
    @Test
    void aRollbackThatFails_doesNotBecomeACommit() throws SQLException {
        try (Connection real = dataSource.getConnection()) {
            AtomicBoolean closed = new AtomicBoolean();
            Connection withoutRollback = (Connection) Proxy.newProxyInstance(
                    TransactionsIT.class.getClassLoader(),
                    new Class<?>[] {Connection.class},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("close")) {
                            closed.set(true);
                            return null;
                        }
                        if (closed.get() || method.getName().equals("rollback")) {
                            throw new SQLException("closed, or no answer in time");
                        }
                        return method.invoke(real, arguments);
                    });
            DataSource source = (DataSource) Proxy.newProxyInstance(
                    TransactionsIT.class.getClassLoader(),
                    new Class<?>[] {DataSource.class},
                    (p, m, a) -> withoutRollback);

            assertThatThrownBy(() -> Transactions.of(source).<Void, Exception>inTransaction(connection -> {
                        store.append(connection, List.of(message("a", null), message("b", null)));
                        connection.setSavepoint(); // writes what is kept back
                        throw new IOException("no");
                    }))
                    .isInstanceOf(IOException.class);
            assertThat(waiting()).isEmpty();
            real.rollback();
            real.setAutoCommit(true);
        }
        assertThat(waiting()).isEmpty();
    }

    @Test
    void withoutAConnection_beginningFails() {
        HikariDataSource closed = engine.empty();
        closed.close();

        assertThatThrownBy(() -> Transactions.of(closed).inTransaction(connection -> 1))
                .isInstanceOf(StoreException.class)
                .hasMessageStartingWith("could not begin a transaction");
    }
}
