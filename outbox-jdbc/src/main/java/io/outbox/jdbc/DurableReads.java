package io.outbox.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import org.jspecify.annotations.Nullable;

/**
 * Makes what a read has found durable, on a database that shows commits a moment before they are on disk: if it died in that
 * moment, a message would be published whose transaction is lost. Thread-safe.
 */
final class DurableReads {
    private final @Nullable Sql write;

    DurableReads(Dialect dialect, TableNames names) {
        String makeDurable = dialect.makeDurable();
        write = makeDurable == null ? null : dialect.sql(makeDurable, names);
    }

    /** Returns when all is on disk that reads before it have found; in auto-commit mode. */
    void makeDurable(Connection connection) throws SQLException {
        if (write != null) {
            try (Call call = write.prepare(connection)) {
                call.update();
            }
        }
    }
}
