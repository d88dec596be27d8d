package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.StoreException;
import io.outbox.TransientStoreException;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.MessageHandler;
import io.outbox.consumer.Outcome;
import io.outbox.consumer.Outcome.Kind;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.JdbcTemplate;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.jdbc.support.JdbcTransactionManager;
import org.springframework.transaction.support.TransactionTemplate;

/** Consumers whose handlers use Spring's transactions, on a real PostgreSQL. */
class SpringTransactionsIT {
    private TestDatabase database;
    private DataSourceTransactionManager manager;
    private JdbcTemplate jdbc;
    private SpringTransactions transactions;
    private IdempotentConsumer<Connection> consumer;

    @BeforeEach
    void open() {
        database = TestServers.postgres().createDatabase();
        DataSource dataSource = database.dataSource();
        OutboxSchema.of(dataSource).create();
        manager = new DataSourceTransactionManager(dataSource);
        jdbc = new JdbcTemplate(dataSource);
        jdbc.execute("create table effects (what varchar(100) unique deferrable initially deferred)");
        transactions = SpringTransactions.of(dataSource, manager);
        consumer = IdempotentConsumer.of("billing", transactions, JdbcDedupStore.of(dataSource));
    }

    @AfterEach
    void close() {
        database.close();
    }

    private static ReceivedMessage message() {
        return new ReceivedMessage(
                UUID.randomUUID().toString(), "t", "k", "type", null, null, null, Map.of(), new byte[0], 1);
    }

    private Outcome handle(MessageHandler<Connection, ?> handler) {
        return consumer.handleAll(List.of(message()), handler).get(0);
    }

    /** It would be tried for ever, and everything behind it would wait. */
    @Test
    void aTransactionThatItsHandlerHasDoomed_isTheMessagesFailure() {
        Outcome outcome = handle((connection, message) -> {
            try {
                new TransactionTemplate(manager).executeWithoutResult(status -> {
                    throw new IllegalStateException("an inner service failed");
                });
            } catch (IllegalStateException e) {
                jdbc.update("insert into effects (what) values ('went on')");
            }
        });

        assertThat(outcome.kind()).isEqualTo(Kind.FAILED);
    }

    @Test
    void aConstraintThatIsCheckedAtTheCommit_isTheMessagesFailure() {
        jdbc.update("insert into effects (what) values ('a')");

        Outcome outcome = handle((connection, message) -> jdbc.update("insert into effects (what) values ('a')"));

        assertThat(outcome.kind()).isEqualTo(Kind.FAILED);
    }

    /** PostgreSQL commits nothing after a statement has failed, whoever caught that. */
    @Test
    void aFailedStatementThatItsHandlerHasCaught_isTheMessagesFailure() {
        DataSource dataSource = database.dataSource();
        JdbcTransactionManager translating = new JdbcTransactionManager(dataSource);
        IdempotentConsumer<Connection> bootsDefault = IdempotentConsumer.of(
                "billing", SpringTransactions.of(dataSource, translating), JdbcDedupStore.of(dataSource));

        List<Outcome> outcomes = bootsDefault.handleAll(List.of(message()), (connection, message) -> {
            try (Statement statement = connection.createStatement()) {
                statement.execute("insert into effects (what, unknown) values ('a', 'b')");
            } catch (SQLException e) {
                // goes on
            }
        });

        assertThat(outcomes.get(0).kind()).isEqualTo(Kind.FAILED);
    }

    @Test
    void aConnectionThatIsLostBeforeTheCommit_isTheDatabasesFailure() {
        Outcome outcome = handle((connection, message) -> {
            Integer pid = jdbc.queryForObject("select pg_backend_pid()", Integer.class);
            new JdbcTemplate(database.dataSource())
                    .queryForObject("select pg_terminate_backend(?)", Boolean.class, pid);
        });

        assertThat(outcome.kind()).isEqualTo(Kind.STORE_FAILED);
    }

    @Test
    void aBatchWithinATransaction_isRefused() {
        assertThatThrownBy(() -> new TransactionTemplate(manager)
                        .execute(status -> consumer.handleAll(List.of(message()), (connection, message) -> {})))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("transaction");
    }

    @Test
    void aFailureToCommit_isPassingOnlyIfTheDatabaseIsToBlame() {
        assertThatThrownBy(() -> transactions.inTransaction(connection -> {
                    jdbc.update("insert into effects (what) values ('a'), ('a')");
                    return null;
                }))
                .isInstanceOf(StoreException.class)
                .isNotInstanceOf(TransientStoreException.class);
    }
}
