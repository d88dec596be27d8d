package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.awaitility.Awaitility.await;

import io.outbox.JacksonPayloadCodec;
import io.outbox.StoreException;
import io.outbox.consumer.Handling;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.Outcome;
import io.outbox.consumer.ReceivedMessage;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Handlers that catch the failure of a statement in a deadlock and go on. Some databases have rolled back all that the transaction did
 * by then, the record of its message too, and would commit what comes after. What PostgreSQL does is tested with {@link IdempotentConsumerIT}.
 */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#innoDb")
class SwallowedDeadlockIT extends DatabaseTest {
    private IdempotentConsumer<Connection> consumer;
    /** The first message that is handled comes into a deadlock, once. */
    private boolean happened;

    SwallowedDeadlockIT(Engine engine) {
        super(engine);
    }

    @BeforeEach
    void makeTables() throws SQLException {
        consumer = IdempotentConsumer.of("billing", transactions, JdbcDedupStore.of(dataSource));
        execute(
                "create table effect (id varchar(200) not null)",
                "create table account (id int primary key, balance int not null)",
                "insert into account (id, balance) values (1, 0), (2, 0)");
    }

    @Test
    void aHandlerThatGoesOn_makesNoEffectTwice_andLosesNone() throws SQLException {
        for (int delivery = 0; delivery < 5; delivery++) {
            for (String id : List.of("a", "b", "c")) {
                Throwable unused =
                        catchThrowable(() -> consumer.once(id, connection -> effectBesideDeadlock(connection, id)));
            }
        }

        assertThat(happened).isTrue();
        assertThat(effects()).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void aHandlerThatGoesOn_spoilsNoOtherMessageOfItsBatch() throws SQLException {
        List<ReceivedMessage> batch = List.of(received("a"), received("b"), received("c"));
        List<Outcome> outcomes = new ArrayList<>();
        for (int delivery = 0; delivery < 5; delivery++) {
            outcomes.addAll(
                    consumer.handleAll(batch, (connection, message) -> effectBesideDeadlock(connection, message.id())));
        }

        assertThat(happened).isTrue();
        assertThat(effects()).containsExactlyInAnyOrder("a", "b", "c");
        assertThat(outcomes.subList(0, 3)).extracting(Outcome::kind).containsOnly(Outcome.Kind.HANDLED);
        assertThat(outcomes.subList(12, 15)).extracting(Outcome::kind).containsOnly(Outcome.Kind.DUPLICATE);
    }

    @Test
    void aHandlerThatGoesOn_isToldWhatIsWrong() {
        assertThatThrownBy(() -> consumer.once("a", connection -> effectBesideDeadlock(connection, "a")))
                .isExactlyInstanceOf(StoreException.class)
                .hasMessageContaining("let the failures of statements");
    }

    @Test
    void aHandlerThatChangesATable_whichCommits_isDone() throws SQLException {
        Handling first = consumer.once("a", connection -> {
            execute(connection, "a");
            try (Statement statement = connection.createStatement()) {
                statement.execute("truncate table account");
            }
            execute(connection, "a, after it");
        });

        assertThat(first).isEqualTo(Handling.HANDLED);
        assertThat(consumer.once("a", connection -> execute(connection, "again")))
                .isEqualTo(Handling.DUPLICATE);
        assertThat(effects()).containsExactlyInAnyOrder("a", "a, after it");
    }

    @Test
    void workThatGoesOn_keepsItsResult_onlyWithItsEffect() throws SQLException {
        for (int delivery = 0; delivery < 5; delivery++) {
            Throwable unused = catchThrowable(
                    () -> consumer.once("a", new byte[0], new JacksonPayloadCodec(), String.class, connection -> {
                        effectBesideDeadlock(connection, "a");
                        return "done";
                    }));
        }

        assertThat(happened).isTrue();
        assertThat(effects()).containsExactly("a");
    }

    @Test
    void aMessageWithinAnother_isHandledAsEver() throws SQLException {
        Handling inner = transactions.<Handling, SQLException>inTransaction(outer -> {
            List<Handling> handlings = new ArrayList<>();
            consumer.once("a", first -> handlings.add(consumer.once("b", second -> execute(second, "b"))));
            return handlings.get(0);
        });

        assertThat(inner).isEqualTo(Handling.HANDLED);
    }

    /** Has an effect before and after a deadlock that this transaction loses, or beside none. */
    private void effectBesideDeadlock(Connection connection, String id) throws SQLException {
        execute(connection, id);
        if (happened) {
            return;
        }
        happened = true;
        if (!loseDeadlock(connection)) {
            throw new AssertionError("the other transaction lost");
        }
        Throwable unused = catchThrowable(() -> execute(connection, id));
    }

    /** Waits for a row that another transaction has, which waits for ours and has done more, so that ours is the one to end. */
    private boolean loseDeadlock(Connection connection) throws SQLException {
        update(connection, 1);
        CountDownLatch locked = new CountDownLatch(1);
        CompletableFuture<Throwable> other =
                CompletableFuture.supplyAsync(() -> catchThrowable(() -> transactions.inTransaction(theirs -> {
                    for (int i = 0; i < 200; i++) {
                        update(theirs, 2);
                        execute(theirs, "other");
                    }
                    locked.countDown();
                    update(theirs, 1);
                    throw new RollBack();
                })));
        await().until(() -> locked.getCount() == 0);
        Throwable failure = catchThrowable(() -> update(connection, 2));
        return failure != null && other.join() instanceof RollBack;
    }

    private static void update(Connection connection, int account) throws SQLException {
        try (PreparedStatement update =
                connection.prepareStatement("update account set balance = balance + 1 where id = ?")) {
            update.setInt(1, account);
            update.executeUpdate();
        }
    }

    private static void execute(Connection connection, String id) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into effect (id) values (?)")) {
            insert.setString(1, id);
            insert.executeUpdate();
        }
    }

    private List<String> effects() throws SQLException {
        return texts("select id from effect");
    }

    private static ReceivedMessage received(String id) {
        return new ReceivedMessage(id, "orders", null, "order.paid", null, null, null, Map.of(), new byte[0], 1);
    }

    /** Ends the other transaction without an effect. */
    private static final class RollBack extends RuntimeException {
        private static final long serialVersionUID = 1L;
    }
}
