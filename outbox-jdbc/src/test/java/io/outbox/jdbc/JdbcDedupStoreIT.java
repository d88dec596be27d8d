package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeFalse;

import io.outbox.NoTransactionException;
import io.outbox.StoreException;
import io.outbox.TransientStoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Recording what was handled, also by two at once. */
@ParameterizedClass
@MethodSource("io.outbox.jdbc.Engine#tested")
class JdbcDedupStoreIT extends DatabaseTest {
    private JdbcDedupStore dedup;

    JdbcDedupStoreIT(Engine engine) {
        super(engine);
    }

    @BeforeEach
    void makeStore() {
        dedup = JdbcDedupStore.of(dataSource);
    }

    private Set<String> record(String group, String... ids) {
        return transactions.<Set<String>, RuntimeException>inTransaction(
                connection -> dedup.record(connection, group, List.of(ids)));
    }

    @Test
    void record_returnsWhatIsNew() {
        assertThat(record("g")).isEmpty();
        assertThat(record("g", "a")).containsExactly("a");
        assertThat(record("g", "a")).isEmpty();
        assertThat(record("g", "a", "b", "c", "b")).containsExactlyInAnyOrder("b", "c");
        assertThat(record("other", "a")).containsExactly("a");
    }

    @Test
    void record_takesAnyString() {
        String[] ids = {"x".repeat(200), " ", "é", "😀", "A", "a", "it's; drop table outbox_dedup --"};

        assertThat(record("g 😀", ids)).containsExactlyInAnyOrder(ids);
        assertThat(record("g 😀", ids)).isEmpty();
        assertThat(record("g 😀", "😀")).isEmpty();
    }

    @Test
    void record_ofADuplicate_leavesTheTransactionUsable() throws SQLException {
        record("g", "a");
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            assertThat(dedup.record(connection, "g", List.of("a"))).isEmpty();
            assertThat(dedup.record(connection, "g", List.of("b"))).containsExactly("b");
            connection.commit();
        }
        assertThat(record("g", "b")).isEmpty();
    }

    @Test
    void record_afterARollback_isForgotten() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            connection.setAutoCommit(false);
            dedup.record(connection, "g", List.of("a", "b"));
            connection.rollback();
        }
        assertThat(record("g", "a", "b")).hasSize(2);
    }

    @Test
    void record_withoutATransaction_isRefused() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            assertThatThrownBy(() -> dedup.record(connection, "g", List.of("a")))
                    .isInstanceOf(NoTransactionException.class);
        }
        assertThat(record("g", "a")).hasSize(1);
    }

    @Test
    void record_besideAnOpenTransaction_waitsForItsEnd() throws Exception {
        for (boolean isCommitted : new boolean[] {true, false}) {
            String id = "id" + isCommitted;
            CompletableFuture<Set<String>> second;
            try (Connection first = dataSource.getConnection()) {
                first.setAutoCommit(false);
                assertThat(dedup.record(first, "g", List.of(id))).hasSize(1);
                second = CompletableFuture.supplyAsync(() -> record("g", id));
                assertThat(second).isNotDone();
                if (isCommitted) {
                    first.commit();
                } else {
                    first.rollback();
                }
            }
            assertThat(second.get()).hasSize(isCommitted ? 0 : 1);
        }
    }

    @Test
    void record_waitingTooLong_mayPass() throws SQLException {
        assumeFalse(engine.lockWaitOf50Millis().isEmpty(), "it waits for as long as it takes");
        try (Connection first = dataSource.getConnection();
                Connection second = dataSource.getConnection()) {
            try (java.sql.Statement statement = second.createStatement()) {
                statement.execute(engine.lockWaitOf50Millis());
            }
            first.setAutoCommit(false);
            second.setAutoCommit(false);
            dedup.record(first, "g", List.of("a"));

            assertThatThrownBy(() -> dedup.record(second, "g", List.of("a")))
                    .isInstanceOf(TransientStoreException.class);
            second.rollback();
            first.rollback();
        }
    }

    @Test
    void record_byManyInAnyOrder_countsEachOnceAndNeverDeadlocks() throws Exception {
        List<String> ids = IntStream.range(0, 300).mapToObj(i -> "id" + i).toList();
        List<CompletableFuture<Integer>> consumers = new ArrayList<>();
        for (int c = 0; c < 4; c++) {
            List<String> shuffled = new ArrayList<>(ids);
            Collections.shuffle(shuffled, new Random(c));
            consumers.add(CompletableFuture.supplyAsync(() -> {
                int fresh = 0;
                for (int i = 0; i < shuffled.size(); i += 20) {
                    fresh += record("g", shuffled.subList(i, i + 20).toArray(String[]::new))
                            .size();
                }
                return fresh;
            }));
        }
        int fresh = 0;
        for (CompletableFuture<Integer> consumer : consumers) {
            fresh += consumer.get();
        }
        assertThat(fresh).isEqualTo(ids.size());
    }

    @Test
    void purge_forgetsTheOldestInBatches() throws SQLException {
        record("g", "a", "b", "c");
        execute("update outbox_dedup set processed_at = " + engine.longAgo());
        record("g", "new");

        assertThat(dedup.purge(Duration.ofDays(7), 2)).isEqualTo(2);
        assertThat(dedup.purge(Duration.ofDays(7), 2)).isEqualTo(1);
        assertThat(dedup.purge(Duration.ofDays(7), 2)).isZero();
        assertThat(record("g", "a", "b", "c", "new")).containsExactlyInAnyOrder("a", "b", "c");
    }

    @Test
    void record_withoutTables_saysWhatToRun() throws SQLException {
        try (var empty = engine.empty();
                Connection connection = empty.getConnection()) {
            connection.setAutoCommit(false);
            assertThatThrownBy(() -> JdbcDedupStore.of(empty).record(connection, "g", List.of("a")))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("OutboxSchema");
        }
    }
}
