package io.outbox.jdbc;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * The statements of an outbox store, made once its database and its number of shards are known.
 *
 * @param shards the number of shards
 * @param hot the table that messages go through
 * @param leases heartbeats and leases
 * @param parked messages off the hot path
 * @param due those of them whose turn it is
 * @param archive copies of published messages
 */
record Tables(int shards, HotTable hot, LeaseTable leases, ParkedTable parked, DueTable due, ArchiveTable archive) {
    /** Checks the version of the tables and makes their statements. */
    static Tables on(Connection connection, Dialect dialect, TableNames names) throws SQLException {
        int shards = SchemaTable.verify(connection, dialect, names, SchemaTable.VERSION);
        return new Tables(
                shards,
                new HotTable(dialect, names, shards),
                new LeaseTable(dialect, names, shards),
                new ParkedTable(dialect, names, shards),
                new DueTable(dialect, names),
                new ArchiveTable(dialect, names));
    }
}
