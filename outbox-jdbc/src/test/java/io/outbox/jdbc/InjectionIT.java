package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.outbox.Message;
import io.outbox.consumer.Handling;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Text that would be SQL if it were not bound, in every place that takes text, on real databases. */
class InjectionIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final List<String> HOSTILE = List.of(
            "'; drop table outbox_message; --",
            "\"; drop table outbox_message; --",
            "`; drop table outbox_message; -- ",
            "x' or '1'='1",
            "\\'; delete from outbox_message; #",
            "%_\\%",
            "{message} {any:ids} {later}",
            ":channel :id ? $1 ?? {ts '2020'}",
            "/* x */ */",
            "${jndi:ldap://127.0.0.1/x} #{T(java.lang.Runtime)}",
            "'\\\"`;\n\t--😀");

    /** Rejects every message for good, and remembers it. */
    private static final class Rejecting implements Publisher {
        final Map<String, StoredMessage> seen = new ConcurrentHashMap<>();

        @Override
        public void publish(StoredMessage message, Confirmation confirmation) {
            seen.put(message.message().messageId(), message);
            confirmation.complete(PublishOutcome.rejectedForGood(
                    new IllegalStateException("because of " + message.message().messageId())));
        }

        @Override
        public boolean keepsOrder() {
            return true;
        }

        @Override
        public void close() {}
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void textOfSenders_isNeverSql(Engine engine) throws SQLException {
        try (RelaySetting setting = new RelaySetting(engine.freshDatabase())) {
            Rejecting publisher = new Rejecting();
            for (String text : HOSTILE) {
                Message message = Message.to(text)
                        .id(text)
                        .key(text)
                        .type(text)
                        .contentType(text)
                        .header(text, text)
                        .payload(text)
                        .build();
                setting.transactions.inTransaction(connection -> setting.outbox.publish(connection, message));
            }
            setting.start(setting.relay(publisher));
            await().atMost(LONG).until(() -> dead(setting).size() == HOSTILE.size());

            for (String text : HOSTILE) {
                StoredMessage seen = publisher.seen.get(text);
                assertThat(List.of(
                                seen.message().destination(),
                                String.valueOf(seen.message().key()),
                                seen.message().type(),
                                seen.message().contentType(),
                                String.valueOf(seen.message().headers().get(text))))
                        .containsOnly(text);
                for (ParkedQuery query : List.of(
                        ParkedQuery.deadLetters().withDestination(text),
                        ParkedQuery.deadLetters().withKey(text),
                        ParkedQuery.deadLetters().withMessageId(text),
                        ParkedQuery.deadLetters().withErrorContaining("because of " + text))) {
                    assertThat(setting.store.list(query)).hasSize(1);
                }
                assertThat(setting.store.list(ParkedQuery.deadLetters().withChannel(text)))
                        .isEmpty();
                assertThat(setting.store.discard(ParkedQuery.deadLetters().withMessageId(text)))
                        .isEqualTo(1);
            }
            assertThat(count(setting, "outbox_message")).isZero();
            assertThat(count(setting, "outbox_parked")).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void namesOfChannelsAndGroups_areNeverSql(Engine engine) throws SQLException {
        try (RelaySetting setting = new RelaySetting(engine.freshDatabase())) {
            for (String text : HOSTILE) {
                setting.transactions.inTransaction(connection -> setting.outbox.publish(
                        connection, setting.message("k").id(text).channel(text).build()));
            }
            var relay = io.outbox.relay.Relay.builder(setting.store).leaseTime(Duration.ofSeconds(2));
            for (String text : HOSTILE) {
                relay.publisher(text, setting.broker.publisher());
            }
            setting.start(relay);
            await().atMost(LONG).until(() -> setting.arrivedIds().size() == HOSTILE.size());
            assertThat(setting.arrivedIds()).containsExactlyInAnyOrderElementsOf(HOSTILE);

            for (String text : HOSTILE) {
                IdempotentConsumer<Connection> consumer =
                        IdempotentConsumer.of(text, setting.transactions, JdbcDedupStore.of(setting.dataSource));
                assertThat(consumer.once(text, connection -> {})).isEqualTo(Handling.HANDLED);
                assertThat(consumer.once(text, connection -> {})).isEqualTo(Handling.DUPLICATE);
            }
            assertThat(count(setting, "outbox_dedup")).isEqualTo(HOSTILE.size());
        }
    }

    @Test
    void namesOfTables_areIdentifiersOrRefused() {
        for (String text : HOSTILE) {
            assertThatThrownBy(() -> TableNames.standard().withPrefix(text))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> TableNames.standard().withSchema(text))
                    .isInstanceOf(IllegalArgumentException.class);
        }
        for (String text : List.of("", "a b", "a\n", "a;", "a-b", "1a", "é", "ａ", "a.b", "\"a\"")) {
            assertThatThrownBy(() -> TableNames.standard().withPrefix(text))
                    .isInstanceOf(IllegalArgumentException.class);
            assertThatThrownBy(() -> TableNames.standard().withSchema(text))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }

    private static List<ParkedMessage> dead(RelaySetting setting) {
        return setting.store.list(ParkedQuery.deadLetters());
    }

    private static int count(RelaySetting setting, String table) throws SQLException {
        try (Connection connection = setting.dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from " + table)) {
            row.next();
            return row.getInt(1);
        }
    }
}
