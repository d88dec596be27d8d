package io.outbox.jdbc;

import io.outbox.StoreException;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/** The row that tells the version of the tables and the number of shards. */
final class SchemaTable {
    /** The version that this library reads and writes. */
    static final int VERSION = 1;

    // One row.
    private static final String SELECT = """
            select version, shards from {schema} where id = 1
            """;

    // One row.
    private static final String UPDATE = """
            update {schema} set version = :to where id = 1 and version = :from
            """;

    private SchemaTable() {}

    /** Reads the row; null when there is none. */
    static @Nullable Row read(Connection connection, Dialect dialect, TableNames names) throws SQLException {
        try (Call call = dialect.sql(SELECT, names).prepare(connection);
                ResultSet row = call.query()) {
            return row.next() ? new Row(row.getInt(1), row.getInt(2)) : null;
        }
    }

    /** The same update as a statement of a script. */
    static String setVersion(int from, int to) {
        return UPDATE.strip().replace(":to", String.valueOf(to)).replace(":from", String.valueOf(from));
    }

    static boolean update(Connection connection, Dialect dialect, TableNames names, int from, int to)
            throws SQLException {
        try (Call call = dialect.sql(UPDATE, names).prepare(connection)) {
            return call.set("from", from).set("to", to).update() == 1;
        }
    }

    /**
     * Returns the number of shards when the tables are of the version needed or the next one, which every upgrade keeps
     * usable for this library, so that instances can be replaced one by one.
     *
     * @throws StoreException when they are older, newer than the next version, or half made
     */
    static int verify(Connection connection, Dialect dialect, TableNames names, int needed) throws SQLException {
        if (!connection.getAutoCommit()) {
            dialect.begin(connection, names);
        }
        Row row = read(connection, dialect, names);
        String table = dialect.table("schema", names);
        if (row == null) {
            throw new StoreException("table " + table + " has no version row: the tables were not created to the end; "
                    + dialect.advice(names));
        }
        if (row.version() < needed) {
            throw new StoreException("table " + table + " says version " + row.version() + ", this library needs "
                    + needed + ": run OutboxSchema.of(dataSource).upgrade(), or the command"
                    + " 'java -cp … io.outbox.jdbc.OutboxSchema upgrade --url …'");
        }
        if (row.version() > needed + 1) {
            throw new StoreException("table " + table + " says version " + row.version() + ", this library knows "
                    + needed + " and works with " + (needed + 1) + ": use a newer version of the library");
        }
        return row.shards();
    }

    /**
     * The version row.
     *
     * @param version the version of the tables
     * @param shards the number of shards
     */
    record Row(int version, int shards) {}
}
