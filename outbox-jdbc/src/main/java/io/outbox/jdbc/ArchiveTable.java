package io.outbox.jdbc;

import io.outbox.spi.ArchivedMessage;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Copies of published messages, until their retention is over. */
final class ArchiveTable {
    private static final String COLUMNS =
            "channel, shard, message_id, destination, message_key, type, content_type, headers, payload, created_at";

    // Primary key, by the list.
    private static final String COPY_HOT = "insert into {archive} (message_seq, " + COLUMNS + ") select id, " + COLUMNS
            + " from {message} where id {any:ids} order by id";

    // Primary key, by the list.
    private static final String COPY_PARKED = "insert into {archive} (message_seq, " + COLUMNS
            + ") select message_seq, " + COLUMNS + " from {parked} where parked_id {any:ids} order by parked_id";

    // Index archive_message.
    private static final String FIND = "select message_seq, published_at, " + MessageRow.SELECTED
            + " from {archive} where message_id = :messageId order by archive_id";

    // Primary key from its beginning on: the oldest have the lowest numbers. Wrapped for databases that know no limit
    // in
    // a subquery of a condition.
    private static final String PURGE = """
            delete from {archive} where archive_id in (select archive_id from (
                select archive_id from {archive} where published_at <= {earlier} order by archive_id {limit:limit}) oldest)
            """;

    private final Dialect dialect;
    private final Sql copyHot;
    private final Sql copyParked;
    private final Sql find;
    private final Sql purge;

    ArchiveTable(Dialect dialect, TableNames names) {
        this.dialect = dialect;
        copyHot = dialect.byKey(COPY_HOT, names);
        copyParked = dialect.byKey(COPY_PARKED, names);
        find = dialect.sql(FIND, names);
        purge = dialect.byKey(PURGE, names);
    }

    /** In the transaction that deletes them. */
    void copyHot(Connection connection, long[] ids) throws SQLException {
        try (Call call = copyHot.prepare(connection)) {
            call.setLongs("ids", ids).update();
        }
    }

    /** In the transaction that deletes them. */
    void copyParked(Connection connection, long[] parkedIds) throws SQLException {
        try (Call call = copyParked.prepare(connection)) {
            call.setLongs("ids", parkedIds).update();
        }
    }

    List<ArchivedMessage> find(Connection connection, String messageId) throws SQLException {
        List<ArchivedMessage> found = new ArrayList<>();
        try (Call call = find.prepare(connection);
                ResultSet row = call.set("messageId", messageId)
                        .set("maxPayload", Integer.MAX_VALUE)
                        .query()) {
            while (row.next()) {
                found.add(new ArchivedMessage(
                        dialect.instant(row, 2), MessageRow.read(dialect, row, 3, row.getLong(1), 1, null)));
            }
        }
        return found;
    }

    int purge(Connection connection, Duration age, int limit) throws SQLException {
        try (Call call = purge.prepare(connection)) {
            return call.set("age", age.toMillis()).set("limit", limit).update();
        }
    }
}
