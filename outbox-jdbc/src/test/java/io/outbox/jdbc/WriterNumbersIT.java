package io.outbox.jdbc;

import static org.assertj.core.api.Assertions.assertThat;

import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ReadResult;
import io.outbox.spi.WriterSnapshot;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** What the relay may conclude from PostgreSQL's transaction numbers. */
class WriterNumbersIT extends DatabaseTest {
    WriterNumbersIT() {
        super(Engine.POSTGRESQL);
    }

    @Test
    void read_tellsOfATransactionThatHasItsIdAndHasNotCommitted() throws SQLException {
        try (Connection late = dataSource.getConnection()) {
            late.setAutoCommit(false);
            store.append(late, List.of(message("late", null)));
            long number = numberOf(late);
            append(message("early", null));

            ReadResult before = read(0);
            late.commit();
            ReadResult after = read(0);

            assertThat(idsOf(before.messages())).containsExactly("early");
            assertThat(before.writers().known()).isTrue();
            assertThat(before.writers().isFinished(number)).isFalse();
            assertThat(before.writers().oldestUnfinished()).isLessThanOrEqualTo(number);
            assertThat(idsOf(after.messages())).containsExactly("late", "early");
            assertThat(after.writers().isFinished(number)).isTrue();
        }
    }

    @Test
    void append_numbersTheTransactionBeforeItDrawsAnId() throws SQLException {
        append(message("a", null));
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet columns = statement.executeQuery("select attname from pg_attribute"
                        + " where attrelid = 'outbox_message'::regclass and attnum > 0 order by attnum")) {
            columns.next();
            assertThat(columns.getString(1)).isEqualTo("tx_id");
            columns.next();
            assertThat(columns.getString(1)).isEqualTo("id");
        }
    }

    @Test
    void delete_returnsANumberAboveAllThatHadWritten() throws SQLException {
        List<Connection> open = new ArrayList<>();
        for (int i = 0; i < 5; i++) {
            Connection writer = dataSource.getConnection();
            writer.setAutoCommit(false);
            store.append(writer, List.of(message("m" + i, null)));
            open.add(writer);
        }

        long deleted = store.delete(new long[] {1, 2, 3}).orElseThrow();

        for (Connection writer : open) {
            assertThat(numberOf(writer)).isLessThan(deleted);
            writer.commit();
            writer.close();
        }
        assertThat(read(0).writers().isFinished(deleted)).isTrue();
        assertThat(store.delete(new long[0]).orElseThrow()).isGreaterThan(deleted);
    }

    @Test
    void read_neverMissesAnIdBelowTheOldestUnfinishedWriter() throws Exception {
        int writers = 4;
        int each = 300;
        List<CompletableFuture<Void>> running = Collections.nCopies(writers, 0).stream()
                .map(w -> CompletableFuture.runAsync(() -> write(each)))
                .toList();
        CompletableFuture<Void> all = CompletableFuture.allOf(running.toArray(CompletableFuture[]::new));
        List<ReadResult> reads = new ArrayList<>();
        boolean isLast = false;
        while (!isLast) {
            isLast = all.isDone();
            reads.add(read(0));
        }
        all.join();
        List<long[]> rows = rows();

        // once every number up to a row's own was finished, that row was visible
        for (ReadResult read : reads) {
            WriterSnapshot snapshot = read.writers();
            long visible = read.messages().size();
            long finished =
                    rows.stream().filter(row -> snapshot.isFinished(row[0])).count();
            assertThat(visible).isEqualTo(Math.min(finished, 1000));
        }
        assertThat(rows).hasSize(writers * each);
    }

    private void write(int count) {
        for (int i = 0; i < count; i++) {
            OutboxRecord message = message("m", null);
            transactions.inTransaction(connection -> {
                store.write(connection, List.of(message));
                return null;
            });
        }
    }

    private List<long[]> rows() throws SQLException {
        List<long[]> rows = new ArrayList<>();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select tx_id, id from outbox_message order by id")) {
            while (row.next()) {
                rows.add(new long[] {row.getLong(1), row.getLong(2)});
            }
        }
        return rows;
    }

    private static long numberOf(Connection connection) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select txid_current()")) {
            row.next();
            return row.getLong(1);
        }
    }
}
