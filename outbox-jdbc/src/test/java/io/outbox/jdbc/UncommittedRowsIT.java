package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.spi.OutboxRecord;
import io.outbox.spi.WriterSnapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What MariaDB lets us know of messages that are not committed. */
class UncommittedRowsIT extends DatabaseTest {
    private long nanos;
    private UncommittedRows rows;
    private Connection reader;
    private Connection writer;

    UncommittedRowsIT() {
        super(Engine.MARIADB);
    }

    @BeforeEach
    void openBoth() throws SQLException {
        reader = dataSource.getConnection();
        reader.setTransactionIsolation(Connection.TRANSACTION_READ_COMMITTED);
        writer = dataSource.getConnection();
        writer.setAutoCommit(false);
        Dialect dialect = Dialects.of(reader.getMetaData());
        rows = new UncommittedRows(
                Objects.requireNonNull(dialect.showUncommitted()), dialect, TableNames.standard(), () -> nanos);
    }

    @AfterEach
    void closeBoth() throws SQLException {
        writer.rollback();
        writer.close();
        reader.close();
    }

    private WriterSnapshot look() throws SQLException {
        nanos += Duration.ofSeconds(1).toNanos();
        return rows.after(reader, read(0).topId());
    }

    private static OutboxRecord[] messages(int count) {
        return IntStream.range(0, count).mapToObj(i -> message("m" + i, null)).toArray(OutboxRecord[]::new);
    }

    /** Appends on the writer's connection without committing; the ids. */
    private long[] begin(int count) throws SQLException {
        store.append(writer, List.of(messages(count)));
        LongStream.Builder ids = LongStream.builder();
        try (Statement statement = writer.createStatement();
                ResultSet row =
                        statement.executeQuery("select id from outbox_message order by id desc limit " + count)) {
            while (row.next()) {
                ids.add(row.getLong(1));
            }
        }
        return ids.build().sorted().toArray();
    }

    @Test
    void anOpenMessage_isUnfinishedUntilItsCommit() throws SQLException {
        long[] open = begin(2);
        append(message("a", null));

        assertThat(look().running()).containsExactly(open);
        assertThat(look().running()).containsExactly(open);
        writer.commit();
        WriterSnapshot after = rows.after(reader, read(0).topId());

        assertThat(after.running()).isEmpty();
        assertThat(after.isFinished(open[1])).isTrue();
    }

    @Test
    void aMessageRolledBack_isForgotten() throws SQLException {
        begin(2);
        append(message("a", null));
        assertThat(look().running()).hasSize(2);

        writer.rollback();

        assertThat(look().running()).isEmpty();
    }

    @Test
    void aMessageWrittenAfterTheFirstLook_isSeenByTheSecond() throws SQLException {
        append(message("a", null), message("b", null));
        long[] ids = storeIds(waiting());
        store.delete(new long[] {ids[0]});
        look();
        // an id that was drawn earlier and becomes a row only now
        try (Statement statement = writer.createStatement()) {
            statement.execute("insert into outbox_message (id, channel, shard, message_id, destination, type,"
                    + " content_type, payload) values (" + ids[0] + ", 'default', 0, 'late', 'd', 't', 'c', '')");
        }

        assertThat(look().running()).containsExactly(ids[0]);
    }

    @Test
    void moreOpenMessagesThanAreRemembered_areNeverTakenForFinished() throws SQLException {
        long[] open = begin(2500);
        append(message("a", null));

        WriterSnapshot during = look();

        assertThat(LongStream.of(open)).allMatch(id -> !during.isFinished(id));
        writer.commit();
        List<WriterSnapshot> later = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            later.add(look());
        }
        assertThat(LongStream.of(open)).allMatch(id -> later.get(3).isFinished(id));
    }

    @Test
    void aBacklogLargerThanARound_isLookedAtBitByBit() throws SQLException {
        long[] first = begin(1);
        for (int i = 0; i < 3; i++) {
            append(messages(9_000));
        }
        long top = dataTop();

        WriterSnapshot seen = rows.after(reader, top);
        assertThat(seen.next()).isLessThan(top);
        for (int i = 0; seen.next() <= top && i < 10; i++) {
            seen = rows.after(reader, top);
            assertThat(seen.isFinished(first[0])).isFalse();
        }
        assertThat(seen.next()).isEqualTo(top + 1);
        assertThat(seen.running()).containsExactly(first);
    }

    private long dataTop() throws SQLException {
        try (Statement statement = reader.createStatement();
                ResultSet row = statement.executeQuery("select max(id) from outbox_message")) {
            row.next();
            return row.getLong(1);
        }
    }
}
