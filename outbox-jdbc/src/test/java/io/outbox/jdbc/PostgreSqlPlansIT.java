package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.spi.ReadRequest;
import io.outbox.spi.StoredMessage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/**
 * What PostgreSQL touches to answer, by its own counters: the statements are planned while the tables are empty and then
 * meet a large backlog, as happens when a broker goes away.
 */
class PostgreSqlPlansIT extends DatabaseTest {
    private static final int BACKLOG = 100_000;
    private static final int KEY_SHARD = message("x", "k").shard(OutboxSchema.DEFAULT_SHARDS);

    PostgreSqlPlansIT() {
        super(Engine.POSTGRESQL);
    }

    /** Rows that a table's sequential scans and index scans fetched. */
    private record Touched(long bySequentialScans, long byIndexScans) {
        Touched since(Touched before) {
            return new Touched(bySequentialScans - before.bySequentialScans, byIndexScans - before.byIndexScans);
        }
    }

    private Touched touched(String table) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select seq_tup_read, coalesce(idx_tup_fetch, 0)"
                        + " from pg_stat_user_tables where relname = '" + table + "'")) {
            row.next();
            return new Touched(row.getLong(1), row.getLong(2));
        }
    }

    /** Connections report what they counted at the latest when they end. */
    private Touched atTheEnd(String table) {
        dataSource.getHikariPoolMXBean().softEvictConnections();
        return settled(table, Duration.ofMillis(200));
    }

    private Touched settled(String table) {
        return settled(table, Duration.ofMillis(1200));
    }

    /** The counters arrive up to a second late: waits until they stand still. */
    private Touched settled(String table, Duration pause) {
        Touched[] last = {new Touched(-1, -1)};
        await("the counters of " + table + " stand still")
                .pollInterval(pause)
                .atMost(Duration.ofSeconds(20))
                .until(() -> {
                    Touched now = touched(table);
                    boolean isStill = now.equals(last[0]);
                    last[0] = now;
                    return isStill;
                });
        return last[0];
    }

    private void fillHotTable() throws SQLException {
        execute("insert into outbox_message (channel, shard, message_id, destination, message_key, type, content_type,"
                + " payload) select 'default', i % 64, 'm' || i, 'orders', 'k' || i, 't', 'x', '\\x00'"
                + " from generate_series(1, " + BACKLOG + ") i");
    }

    private void fillParked(String state, String key, String notBefore) throws SQLException {
        execute("insert into outbox_parked (message_seq, state, attempts, not_before, channel, shard, message_id,"
                + " destination, message_key, type, content_type, payload) select i, '" + state + "', 0, " + notBefore
                + ", 'default', " + KEY_SHARD + ", 'm' || i, 'orders', " + key
                + ", 't', 'x', '\\x00' from generate_series(1, " + BACKLOG + ") i");
    }

    private void useHotTable(int times, int limit) {
        for (int i = 0; i < times; i++) {
            for (boolean checkBlocked : new boolean[] {false, true}) {
                List<StoredMessage> read = store.read(
                                new ReadRequest(CHANNEL, ALL_SHARDS, 0, limit, 1000, checkBlocked))
                        .messages();
                long[] ids = storeIds(read);
                store.idsBetween(CHANNEL, ALL_SHARDS, 0, 1000, limit);
                store.load(ids);
                store.delete(ids);
                store.oldestWaiting(CHANNEL);
            }
        }
    }

    @Test
    void theHotTable_isOnlyReadByItsKey() throws SQLException {
        execute("vacuum analyze outbox_message");
        try (Connection pinned = dataSource.getConnection()) {
            assertThat(pinned.isValid(1)).isTrue();
        }
        useHotTable(10, 100);
        fillHotTable();
        Touched before = settled("outbox_message");

        useHotTable(10, 100);

        Touched touched = atTheEnd("outbox_message").since(before);
        assertThat(touched.bySequentialScans()).isZero();
        assertThat(touched.byIndexScans()).isLessThan(20 * 6 * 100);
    }

    @Test
    void theOldestMessage_isNotSearchedInTheBacklogOfOthers_twice() throws SQLException {
        fillHotTable();
        assertThat(store.oldestWaiting("other")).isEmpty();
        assertThat(store.oldestWaiting(CHANNEL)).isPresent();
        Touched before = settled("outbox_message");

        for (int i = 0; i < 3; i++) {
            assertThat(store.oldestWaiting("other")).isEmpty();
            assertThat(store.oldestWaiting(CHANNEL)).isPresent();
        }

        Touched touched = atTheEnd("outbox_message").since(before);
        assertThat(touched.bySequentialScans()).isZero();
        assertThat(touched.byIndexScans()).isLessThan(3 * 2 * 10_100);
    }

    @Test
    void blockedKeys_areLookedUpOneByOne() throws SQLException {
        useHotTable(10, 100);
        fillParked("BEHIND", "'x'", "clock_timestamp()");
        fillHotTable();
        Touched before = settled("outbox_parked");

        useHotTable(10, 100);

        Touched touched = atTheEnd("outbox_parked").since(before);
        assertThat(touched.bySequentialScans()).isZero();
        assertThat(touched.byIndexScans()).isLessThan(100);
    }

    private void useParked(int times) {
        for (int i = 0; i < times; i++) {
            store.due(CHANNEL, ALL_SHARDS, 100);
            store.hasBlocking(CHANNEL, ALL_SHARDS);
            store.due(CHANNEL, Set.of(0, 1), 100);
            store.hasBlocking(CHANNEL, Set.of(0, 1));
        }
    }

    @Test
    void theFirstOfAKey_isFoundWithoutReadingWhatStandsBehind() throws SQLException {
        useParked(10);
        fillParked("BEHIND", "'k'", "clock_timestamp()");
        Touched before = settled("outbox_parked");

        useParked(10);
        assertThat(store.due(CHANNEL, ALL_SHARDS, 100)).hasSize(1);
        assertThat(store.behind(store.due(CHANNEL, ALL_SHARDS, 1).get(0), 100)).hasSize(100);

        Touched touched = atTheEnd("outbox_parked").since(before);
        assertThat(touched.bySequentialScans()).isZero();
        assertThat(touched.byIndexScans()).isLessThan(1000);
    }

    @Test
    void retriesThatAllStandBehindOne_areLookedAtWithinBounds() throws SQLException {
        useParked(10);
        fillParked("RETRY", "'k'", "clock_timestamp()");
        Touched before = settled("outbox_parked");

        useParked(10);
        assertThat(store.due(CHANNEL, ALL_SHARDS, 100)).hasSize(1);

        Touched touched = atTheEnd("outbox_parked").since(before);
        assertThat(touched.bySequentialScans()).isZero();
        assertThat(touched.byIndexScans()).isLessThan(20_000);
    }

    @Test
    void whatIsNotYetDue_costsNothing() throws SQLException {
        useParked(10);
        fillParked("SCHEDULED", "null", "clock_timestamp() + interval '1 hour'");
        fillParked("RETRY", "null", "clock_timestamp() + interval '1 hour'");
        Touched before = settled("outbox_parked");

        useParked(10);
        assertThat(store.due(CHANNEL, ALL_SHARDS, 100)).isEmpty();

        Touched touched = atTheEnd("outbox_parked").since(before);
        assertThat(touched.bySequentialScans()).isZero();
        assertThat(touched.byIndexScans()).isLessThan(100);
    }

    @Test
    void manyBlockedKeys_areWalkedInBoundedSteps() throws SQLException {
        useParked(10);
        fillParked("RETRY", "'k' || i", "clock_timestamp() + interval '1 hour'");
        Touched before = settled("outbox_parked");

        useParked(10);

        Touched touched = atTheEnd("outbox_parked").since(before);
        assertThat(touched.bySequentialScans()).isZero();
        assertThat(touched.byIndexScans()).isLessThan(10 * 2 * 2100);
    }

    @Test
    void forgetting_readsOnlyWhatItForgets() throws SQLException {
        JdbcDedupStore dedup = JdbcDedupStore.of(dataSource);
        for (int i = 0; i < 10; i++) {
            dedup.purge(Duration.ofDays(7), 100);
        }
        execute("insert into outbox_dedup select 'g', 'm' || i, clock_timestamp() - case when i <= 500"
                + " then interval '30 days' else interval '0' end from generate_series(1, " + BACKLOG + ") i");
        Touched before = settled("outbox_dedup");

        int forgotten = 0;
        for (int i = 0; i < 10; i++) {
            forgotten += dedup.purge(Duration.ofDays(7), 100);
        }

        assertThat(forgotten).isEqualTo(500);
        Touched touched = atTheEnd("outbox_dedup").since(before);
        assertThat(touched.bySequentialScans()).isZero();
        assertThat(touched.byIndexScans()).isLessThan(5000);
    }
}
