package io.outbox.jdbc;

import static io.outbox.spi.ParkedState.BEHIND;
import static io.outbox.spi.ParkedState.RETRY;
import static org.assertj.core.api.Assertions.assertThat;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedState;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What InnoDB reads to answer, by its own counters of one session. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#innoDb")
class InnoDbCostIT extends DatabaseTest {
    private static final int BEHIND_EACH_KEY = 900;

    InnoDbCostIT(Engine engine) {
        super(engine);
    }

    @Test
    void due_costsWithTheKeys_notWithTheMessagesBehindThem() throws SQLException {
        String relay = relayWithAllShards();
        for (String key : List.of("a", "b", "c")) {
            ParkedState[] states = new ParkedState[BEHIND_EACH_KEY];
            Arrays.fill(states, BEHIND);
            states[0] = RETRY;
            park(relay, key, states);
        }

        try (HikariDataSource one = engine.sameDatabase(dataSource, 1)) {
            JdbcOutboxStore store = JdbcOutboxStore.of(one);
            for (int limit : new int[] {3, 200}) {
                store.due(CHANNEL, ALL_SHARDS, limit);
                long before = rowsRead(one);
                assertThat(store.due(CHANNEL, ALL_SHARDS, limit)).hasSize(3);
                assertThat(store.hasBlocking(CHANNEL, ALL_SHARDS)).isTrue();

                assertThat(rowsRead(one) - before).isLessThan(BEHIND_EACH_KEY / 2);
            }
        }
    }

    @Test
    void due_withoutKeys_costsWithTheLimit() throws SQLException {
        String relay = relayWithAllShards();
        for (int i = 0; i < 2; i++) {
            OutboxRecord[] messages = IntStream.range(0, BEHIND_EACH_KEY)
                    .mapToObj(m -> message("m" + m, null))
                    .toArray(OutboxRecord[]::new);
            append(messages);
            store.park(
                    relay,
                    waiting().stream()
                            .map(m -> parking(m, m.id() % 2 == 0 ? RETRY : BEHIND, Duration.ZERO))
                            .toList());
        }

        try (HikariDataSource one = engine.sameDatabase(dataSource, 1)) {
            JdbcOutboxStore store = JdbcOutboxStore.of(one);
            store.due(CHANNEL, ALL_SHARDS, 10);
            long before = rowsRead(one);
            assertThat(store.due(CHANNEL, ALL_SHARDS, 10)).hasSize(10);

            assertThat(rowsRead(one) - before).isLessThan(BEHIND_EACH_KEY / 2);
        }
    }

    private static long rowsRead(HikariDataSource one) throws SQLException {
        long read = 0;
        try (Connection connection = one.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("show session status like 'Handler_read%'")) {
            while (row.next()) {
                read += row.getLong(2);
            }
        }
        return read;
    }
}
