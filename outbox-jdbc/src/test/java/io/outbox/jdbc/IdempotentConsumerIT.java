package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.outbox.JacksonPayloadCodec;
import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.StoreException;
import io.outbox.consumer.ContentMismatchException;
import io.outbox.consumer.DedupExpiry;
import io.outbox.consumer.Handling;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.IdempotentConsumer.Result;
import io.outbox.consumer.Outcome;
import io.outbox.consumer.Outcome.Kind;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.consumer.RejectedMessageException;
import io.outbox.consumer.RetryLaterException;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.StoredMessage;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Effects once per message: alone, in batches, and with a kept result; what they publish says what caused it. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class IdempotentConsumerIT extends DatabaseTest {
    private static final JacksonPayloadCodec CODEC = new JacksonPayloadCodec();
    private static final byte[] CONTENT = "10 EUR".getBytes(StandardCharsets.UTF_8);

    private IdempotentConsumer<Connection> consumer;

    IdempotentConsumerIT(Engine engine) {
        super(engine);
    }

    @BeforeEach
    void makeConsumer() throws SQLException {
        consumer = IdempotentConsumer.of("billing", transactions, JdbcDedupStore.of(dataSource));
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("create table effect (id varchar(200) not null)");
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        }
    }

    private static ReceivedMessage received(String id, @Nullable String key) {
        return new ReceivedMessage(
                id, "orders", key, "order.paid", null, null, null, Map.of("correlation-id", "c-1"), new byte[0], 1);
    }

    private static void effect(Connection connection, ReceivedMessage message) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement("insert into effect (id) values (?)")) {
            insert.setString(1, message.id());
            insert.executeUpdate();
        }
    }

    private List<String> effects() throws SQLException {
        return texts("select id from effect");
    }

    private static List<Kind> kinds(List<Outcome> outcomes) {
        return outcomes.stream().map(Outcome::kind).toList();
    }

    @Test
    void handleAll_ofABatch_commitsItOnce_andTellsDuplicates() throws SQLException {
        consumer.handle(received("b", "k"), IdempotentConsumerIT::effect);

        List<Outcome> outcomes = consumer.handleAll(
                List.of(received("a", "k"), received("b", "k"), received("c", null), received("a", "k")),
                IdempotentConsumerIT::effect);

        assertThat(kinds(outcomes)).containsExactly(Kind.HANDLED, Kind.DUPLICATE, Kind.HANDLED, Kind.DUPLICATE);
        assertThat(effects()).containsExactlyInAnyOrder("a", "b", "c");
    }

    /** PostgreSQL commits nothing after a statement has failed, and its driver does not tell. */
    @Test
    void aHandlerThatCatchesTheFailureOfAStatement_isDoneOnlyIfItsEffectIsCommitted() throws SQLException {
        List<Outcome> outcomes =
                consumer.handleAll(List.of(received("a", null), received("b", null)), (connection, message) -> {
                    effect(connection, message);
                    if (message.id().equals("a")) {
                        failUnseen(connection);
                    }
                });

        assertThat(outcomes.get(0).isDone()).isEqualTo(effects().contains("a"));
        assertThat(outcomes.get(1).kind()).isEqualTo(Kind.HANDLED);
        assertThat(effects()).contains("b");

        boolean isHandled;
        try {
            isHandled = consumer.once("c", connection -> {
                        effect(connection, received("c", null));
                        failUnseen(connection);
                    })
                    == Handling.HANDLED;
        } catch (StoreException e) {
            isHandled = false;
        }
        assertThat(isHandled).isEqualTo(effects().contains("c"));
    }

    private static void failUnseen(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            assertThatThrownBy(() -> statement.execute("insert into nowhere (id) values (1)"))
                    .isInstanceOf(SQLException.class);
        }
    }

    /** It could not roll back alone what belongs to a message that failed: those behind it would count as handled. */
    @Test
    void handleAll_withinATransaction_isRefused() throws SQLException {
        assertThatThrownBy(() -> transactions.inTransaction(outer -> consumer.handleAll(
                        List.of(received("a", null), received("b", null), received("c", null)),
                        (connection, message) -> {
                            if (message.id().equals("b")) {
                                throw new IllegalStateException("not now");
                            }
                            effect(connection, message);
                        })))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("transaction");

        assertThat(effects()).isEmpty();
        assertThat(kinds(consumer.handleAll(List.of(received("c", null)), IdempotentConsumerIT::effect)))
                .containsExactly(Kind.HANDLED);
    }

    @Test
    void handleAll_isolatesFailures_andLeavesWhatIsBehindThem() throws SQLException {
        List<ReceivedMessage> messages = List.of(
                received("1", "a"),
                received("2", "b"),
                received("3", "a"),
                received("4", "b"),
                received("5", "c"),
                received("6", "d"),
                received("7", "d"),
                received("8", null));

        List<Outcome> outcomes = consumer.handleAll(messages, (connection, message) -> {
            effect(connection, message);
            switch (message.id()) {
                case "2" -> throw new IllegalStateException("not today");
                case "5" -> throw new RejectedMessageException("never");
                case "6" -> throw new RetryLaterException("the bank is closed");
                default -> {}
            }
        });

        assertThat(kinds(outcomes))
                .containsExactly(
                        Kind.HANDLED,
                        Kind.FAILED,
                        Kind.HANDLED,
                        Kind.BEHIND,
                        Kind.REJECTED,
                        Kind.POSTPONED,
                        Kind.BEHIND,
                        Kind.HANDLED);
        assertThat(outcomes.get(1).failure()).hasMessage("not today");
        assertThat(effects()).containsExactlyInAnyOrder("1", "3", "8");

        assertThat(kinds(consumer.handleAll(messages, IdempotentConsumerIT::effect)))
                .containsExactly(
                        Kind.DUPLICATE,
                        Kind.HANDLED,
                        Kind.DUPLICATE,
                        Kind.HANDLED,
                        Kind.HANDLED,
                        Kind.HANDLED,
                        Kind.HANDLED,
                        Kind.DUPLICATE);
        assertThat(effects()).containsExactlyInAnyOrder("1", "2", "3", "4", "5", "6", "7", "8");
    }

    @Test
    void handleAll_survivesAStatementThatSpoilsTheTransaction() throws SQLException {
        List<Outcome> outcomes = consumer.handleAll(
                List.of(received("1", "a"), received("2", "b"), received("3", "c")), (connection, message) -> {
                    effect(connection, message);
                    if (message.id().equals("2")) {
                        try (Statement statement = connection.createStatement()) {
                            statement.execute("select nonsense from nowhere");
                        }
                    }
                });

        assertThat(kinds(outcomes)).containsExactly(Kind.HANDLED, Kind.FAILED, Kind.HANDLED);
        assertThat(effects()).containsExactlyInAnyOrder("1", "3");
    }

    @Test
    void handleAll_byManyAtOnce_handlesEachOnce() throws SQLException {
        List<ReceivedMessage> messages = IntStream.range(0, 200)
                .mapToObj(i -> received("m" + i, "k" + i % 7))
                .toList();
        AtomicInteger handled = new AtomicInteger();
        CompletableFuture<?>[] all = IntStream.range(0, 4)
                .mapToObj(worker -> CompletableFuture.runAsync(() -> {
                    for (int from = 0; from < messages.size(); from += 40) {
                        List<ReceivedMessage> left = messages.subList(from, from + 40);
                        while (!left.isEmpty()) {
                            List<Outcome> outcomes = consumer.handleAll(left, IdempotentConsumerIT::effect);
                            handled.addAndGet((int) outcomes.stream()
                                    .filter(outcome -> outcome.kind() == Kind.HANDLED)
                                    .count());
                            left = outcomes.stream()
                                    .filter(outcome -> !outcome.isDone())
                                    .map(Outcome::message)
                                    .toList();
                        }
                    }
                }))
                .toArray(CompletableFuture<?>[]::new);

        assertThat(CompletableFuture.allOf(all)).succeedsWithin(Duration.ofSeconds(60));
        assertThat(handled).hasValue(200);
        assertThat(effects()).doesNotHaveDuplicates().hasSize(200);
    }

    @Test
    void once_withAResult_givesItToRepeats_alsoConcurrentOnes() throws Exception {
        AtomicInteger runs = new AtomicInteger();
        List<CompletableFuture<Result<String>>> calls = IntStream.range(0, 4)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> consumer.<String, IllegalStateException>once(
                        "payment-1", CONTENT, CODEC, String.class, connection -> "receipt " + runs.incrementAndGet())))
                .toList();

        List<Result<String>> results = new ArrayList<>();
        for (CompletableFuture<Result<String>> call : calls) {
            results.add(call.get());
        }

        assertThat(results).extracting(Result::value).containsOnly("receipt 1");
        assertThat(results).extracting(Result::handling).containsOnlyOnce(Handling.HANDLED);
    }

    @Test
    void once_withTheSameIdAndOtherContent_isAnError_andNothingHappens() throws SQLException {
        consumer.<String, IllegalStateException>once("p", CONTENT, CODEC, String.class, connection -> "first");

        assertThatThrownBy(() -> consumer.<String, SQLException>once(
                        "p", "11 EUR".getBytes(StandardCharsets.UTF_8), CODEC, String.class, connection -> {
                            effect(connection, received("p", null));
                            return "second";
                        }))
                .isInstanceOf(ContentMismatchException.class)
                .hasMessageContaining("'p'")
                .hasMessageContaining("idempotency key");
        assertThat(effects()).isEmpty();
    }

    @Test
    void once_thatFails_countsAsNotHandled() {
        assertThatIllegalStateException()
                .isThrownBy(() ->
                        consumer.<String, IllegalStateException>once("p", CONTENT, CODEC, String.class, connection -> {
                            throw new IllegalStateException("declined");
                        }))
                .withMessage("declined");

        assertThat(consumer.<String, IllegalStateException>once("p", CONTENT, CODEC, String.class, connection -> "paid")
                        .handling())
                .isEqualTo(Handling.HANDLED);
    }

    @Test
    void once_ofAnIdWithoutAResult_saysSo() {
        consumer.once("p", connection -> {});

        assertThatIllegalStateException()
                .isThrownBy(() -> consumer.<String, IllegalStateException>once(
                        "p", CONTENT, CODEC, String.class, connection -> "paid"))
                .withMessageContaining("without keeping a result");
    }

    @Test
    void whatAHandlerPublishes_saysWhatCausedIt() {
        Outbox<Connection> outbox = Outbox.builder(store).build();

        consumer.handle(received("m1", "k"), (connection, message) -> {
            outbox.publish(
                    connection,
                    Message.to("receipts").type("receipt").payload("caused").build());
            outbox.publish(
                    connection,
                    Message.to("receipts")
                            .type("receipt")
                            .payload("own")
                            .header("causation-id", "mine")
                            .build());
        });
        transactions.inTransaction(connection -> outbox.publish(
                connection,
                Message.to("receipts").type("receipt").payload("apart").build()));

        List<OutboxRecord> written =
                waiting().stream().map(StoredMessage::message).toList();
        assertThat(written.get(0).headers()).isEqualTo(Map.of("causation-id", "m1", "correlation-id", "c-1"));
        assertThat(written.get(1).headers()).isEqualTo(Map.of("causation-id", "mine", "correlation-id", "c-1"));
        assertThat(written.get(2).headers()).isEmpty();
    }

    @Test
    void effectKeys_areTheSameEachTime_andOfEachEffectTheirOwn() {
        assertThat(consumer.effectKey("m1", "charge")).isEqualTo(consumer.effectKey("m1", "charge"));
        assertThat(Arrays.asList(
                        consumer.effectKey("m1", "charge"),
                        consumer.effectKey("m1", "mail"),
                        consumer.effectKey("m2", "charge"),
                        consumer.effectKey("m1c", "harge")))
                .doesNotHaveDuplicates();
    }

    @Test
    void expiry_forgetsInSmallBatches_andNothingYoung() throws SQLException {
        for (int i = 0; i < 25; i++) {
            consumer.once("m" + i, connection -> {});
        }
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("update outbox_dedup set processed_at = " + engine.longAgo()
                    + " where message_id not in ('m1', 'm2')");
            if (!connection.getAutoCommit()) {
                connection.commit();
            }
        }

        try (DedupExpiry expiry = DedupExpiry.builder(JdbcDedupStore.of(dataSource), Duration.ofDays(30))
                .batch(10)
                .start()) {
            Awaitility.await().atMost(Duration.ofSeconds(30)).until(() -> expiry.forgotten() == 23);
        }

        assertThat(consumer.once("m1", connection -> {})).isEqualTo(Handling.DUPLICATE);
        assertThat(consumer.once("m3", connection -> {})).isEqualTo(Handling.HANDLED);
    }
}
