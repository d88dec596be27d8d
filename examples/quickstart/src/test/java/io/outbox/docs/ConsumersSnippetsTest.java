package io.outbox.docs;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.consumer.DedupExpiry;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.jdbc.Transactions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The snippets of docs/consumers.md do what the page says. */
class ConsumersSnippetsTest {
    private final JdbcDataSource dataSource = new JdbcDataSource();
    private IdempotentConsumer<Connection> billing;
    private ConsumersSnippets snippets;

    @BeforeEach
    void makeTables() throws SQLException {
        dataSource.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        OutboxSchema.of(dataSource).create();
        execute("create table charge (order_id varchar(100))");
        billing = IdempotentConsumer.of("billing", Transactions.of(dataSource), JdbcDedupStore.of(dataSource));
        snippets = new ConsumersSnippets(dataSource);
    }

    private static ReceivedMessage message(String id) {
        return new ReceivedMessage(id, "orders", id, "t", null, null, null, Map.of(), new byte[0], 1);
    }

    @Test
    void handleAll_acknowledgesWhatIsDone() {
        List<String> acknowledged = new ArrayList<>();
        List<String> again = new ArrayList<>();

        snippets.handleAll(
                billing,
                (connection, message) -> {
                    if (message.id().equals("b")) {
                        throw new IllegalStateException("not now");
                    }
                },
                Stream.of("a", "b", "c").map(ConsumersSnippetsTest::message).toList(),
                new ConsumersSnippets.Listener() {
                    @Override
                    public void acknowledge(ReceivedMessage message) {
                        acknowledged.add(message.id());
                    }

                    @Override
                    public void deliverAgain(ReceivedMessage message, Throwable failure) {
                        again.add(message.id() + ": " + failure.getMessage());
                    }
                });

        assertThat(acknowledged).containsExactly("a", "c");
        assertThat(again).containsExactly("b: not now");
    }

    @Test
    void effectKey_isTheSameForRepeats() {
        Set<String> keys = new HashSet<>();

        snippets.effectKey(billing, message("a"), (key, cents) -> keys.add(key), 100);
        snippets.effectKey(billing, message("a"), (key, cents) -> keys.add(key), 100);

        assertThat(keys).hasSize(1);
    }

    @Test
    void aRepeatedRequest_getsTheFirstAnswer() throws SQLException {
        byte[] body = {1, 2, 3};

        assertThat(snippets.onceWithResult(billing, "key", body, "o1").number()).isEqualTo("R-o1");
        assertThat(snippets.onceWithResult(billing, "key", body, "o2").number()).isEqualTo("R-o1");
        assertThat(charges()).isEqualTo(1);
    }

    @Test
    void expiry_keepsWhatIsYoung() throws SQLException {
        billing.once("a", connection -> {});
        try (DedupExpiry expiry = snippets.expiry()) {
            assertThat(expiry.forgotten()).isZero();
        }
    }

    private void execute(String sql) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private int charges() throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from charge")) {
            row.next();
            return row.getInt(1);
        }
    }
}
