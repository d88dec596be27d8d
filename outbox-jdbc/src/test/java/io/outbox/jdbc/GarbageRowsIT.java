package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows that this version would not write, put into the tables by hand: they become dead letters, the others go on. */
class GarbageRowsIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final List<String> NO_HEADERS = List.of(
            "not JSON s3cret",
            "[\"s3cret\"]",
            "{\"a\":{\"s3cret\":1}}",
            "{\"a\":\"s3cret",
            "{\"a\":[",
            "\"s3cret\"",
            " ",
            "{s3cret}");
    private static final List<String> OTHER_HEADERS =
            List.of("{}", "{\"a\":null,\"b\":1.5,\"c\":true}", "{\"a\":\"1\",\"a\":\"2\"}", "", "{\"\":\"\"}");

    @ParameterizedTest
    @EnumSource(Engine.class)
    void headersThatAreNone_becomeDeadLettersAndStopNothing(Engine engine) throws SQLException {
        try (RelaySetting setting = new RelaySetting(engine.freshDatabase())) {
            setting.publish("k");
            for (int i = 0; i < NO_HEADERS.size(); i++) {
                insert(setting, "bad-" + i, RelaySetting.TOPIC, NO_HEADERS.get(i));
            }
            for (int i = 0; i < OTHER_HEADERS.size(); i++) {
                insert(setting, "other-" + i, RelaySetting.TOPIC, OTHER_HEADERS.get(i));
            }
            setting.publish("k");
            setting.startRelay();

            await().atMost(LONG).until(() -> setting.arrivedIds().size() == 2 + OTHER_HEADERS.size());
            await().atMost(LONG).until(() -> dead(setting).size() == NO_HEADERS.size());
            assertThat(dead(setting)).allSatisfy(message -> {
                assertThat(message.lastError()).contains("header").doesNotContain("s3cret");
                assertThat(message.message().defect()).isNotBlank();
                assertThat(message.message().message().headers()).isEmpty();
                assertThat(message.message().message().payload()).isNotEmpty();
            });

            setting.store.redrive(ParkedQuery.deadLetters(), Duration.ZERO);
            await().atMost(LONG).until(() -> dead(setting).size() == NO_HEADERS.size());
            setting.publish("k");
            await().atMost(LONG).until(() -> setting.arrivedIds().size() == 3 + OTHER_HEADERS.size());

            assertThat(setting.store.discard(ParkedQuery.deadLetters())).isEqualTo(NO_HEADERS.size());
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void parkedRowsThatAreUnreadableOrOfAnotherVersion_stopNothing(Engine engine) throws SQLException {
        try (RelaySetting setting = new RelaySetting(engine.freshDatabase())) {
            park(setting, "unreadable", "RETRY", "{]");
            park(setting, "unknown", "LATER", "{}");
            park(setting, "fine", "RETRY", "{}");
            setting.startRelay();

            await().atMost(LONG).until(() -> setting.arrivedIds().contains("fine"));
            await().atMost(LONG).until(() -> dead(setting).size() == 1);
            setting.publish("k");
            await().atMost(LONG).until(() -> setting.arrivedIds().size() == 2);

            assertThat(dead(setting).get(0).message().message().messageId()).isEqualTo("unreadable");
            for (ParkedState state : ParkedState.values()) {
                assertThat(setting.store.list(ParkedQuery.inState(state)))
                        .noneMatch(message ->
                                message.message().message().messageId().equals("unknown"));
            }
            assertThat(count(setting, "state = 'LATER'")).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource(Engine.class)
    void rowsWithOddTimesDestinationsAndShards_stopNothing(Engine engine) throws SQLException {
        try (RelaySetting setting = new RelaySetting(engine.freshDatabase())) {
            List<String> times = oddTimes(engine);
            for (int i = 0; i < times.size(); i++) {
                insert(setting, "time-" + i, RelaySetting.TOPIC, null);
                park(setting, "parked-" + i, "RETRY", null);
                String time = times.get(i);
                execute(
                        setting,
                        "update outbox_message set created_at = " + time + " where message_id = 'time-" + i + "'");
                execute(
                        setting,
                        "update outbox_parked set created_at = " + time + ", parked_at = " + time
                                + " where message_id = 'parked-" + i + "'");
            }
            insert(setting, "shard", RelaySetting.TOPIC, null);
            execute(setting, "update outbox_message set shard = 30000 where message_id = 'shard'");
            insert(setting, "empty", "", null);
            setting.startRelay();
            setting.publish("k");

            await().atMost(LONG)
                    .until(() -> setting.arrivedIds().size()
                            == 1 + 2 * oddTimes(engine).size());
            setting.publish("k");
            await().atMost(LONG)
                    .until(() -> setting.arrivedIds().size()
                            == 2 + 2 * oddTimes(engine).size());
            // nobody leases it, nobody deletes it
            assertThat(count(setting, null)).isEqualTo(1);
        }
    }

    private static List<String> oddTimes(Engine engine) {
        return switch (engine) {
            case POSTGRESQL ->
                List.of("'infinity'", "'-infinity'", "'294276-01-01 00:00:00+00'", "'4713-01-01 00:00:00+00 BC'");
            case MARIADB -> List.of("'9999-12-31 23:59:59'", "'1000-01-01 00:00:00'");
            case H2 -> List.of("timestamp with time zone '9999-12-31 23:59:59+00'");
        };
    }

    private static List<ParkedMessage> dead(RelaySetting setting) {
        return setting.store.list(ParkedQuery.deadLetters());
    }

    private static void insert(RelaySetting setting, String id, String destination, String headers)
            throws SQLException {
        run(
                setting,
                "insert into outbox_message (channel, shard, message_id, destination, message_key, type, content_type,"
                        + " headers, payload) values ('default', 3, ?, ?, 'k3', 't', 'text/plain', ?, ?)",
                id,
                destination,
                headers);
    }

    private static void park(RelaySetting setting, String id, String state, String headers) throws SQLException {
        run(
                setting,
                "insert into outbox_parked (message_seq, state, attempts, not_before, channel, shard, message_id,"
                        + " destination, message_key, type, content_type, headers, payload) values (1, '" + state
                        + "', 0, current_timestamp, 'default', 4, ?, ?, null, 't', 'text/plain', ?, ?)",
                id,
                RelaySetting.TOPIC,
                headers);
    }

    private static void run(RelaySetting setting, String sql, String id, String destination, String headers)
            throws SQLException {
        try (Connection connection = setting.dataSource.getConnection();
                PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, id);
            insert.setString(2, destination);
            insert.setString(3, headers);
            insert.setBytes(4, new byte[] {1});
            insert.executeUpdate();
        }
    }

    private static void execute(RelaySetting setting, String sql) throws SQLException {
        try (Connection connection = setting.dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static int count(RelaySetting setting, String parkedWhere) throws SQLException {
        List<Integer> count = new ArrayList<>();
        try (Connection connection = setting.dataSource.getConnection();
                Statement statement = connection.createStatement();
                var row = statement.executeQuery(
                        parkedWhere == null
                                ? "select count(*) from outbox_message"
                                : "select count(*) from outbox_parked where " + parkedWhere)) {
            row.next();
            count.add(row.getInt(1));
        }
        return count.get(0);
    }
}
