package io.outbox.jdbc;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Makes what a read has found durable, on a database that shows commits a moment before they are on disk: if it died in that
 * moment, a message would be published whose transaction is lost. Thread-safe.
 */
final class DurableReads {
    // Primary key.
    private static final String DELETE = """
            delete from {durable} where id = :id
            """;

    private final @Nullable Sql write;
    private final @Nullable Sql writeWithin;
    private final Sql delete;

    DurableReads(Dialect dialect, TableNames names) {
        String makeDurable = dialect.makeDurable();
        write = makeDurable == null ? null : dialect.sql(makeDurable, names);
        String makeCommitDurable = dialect.makeCommitDurable();
        writeWithin = makeCommitDurable == null ? null : dialect.sql(makeCommitDurable, names);
        delete = dialect.sql(DELETE, names);
    }

    /** Returns when all is on disk that reads before it have found; in auto-commit mode. */
    void makeDurable(Connection connection) throws SQLException {
        if (write != null) {
            try (Call call = write.prepare(connection)) {
                call.update();
            }
        }
    }

    /**
     * Has the caller's commit go to disk, and with it what the transaction has found: who is told of a duplicate acknowledges it, so
     * the first one's effect must be there. Writes a row, which makes the commit such a one, and takes it away again.
     */
    void makeCommitDurable(Connection connection) throws SQLException {
        if (writeWithin == null) {
            return;
        }
        long id = ThreadLocalRandom.current().nextLong(2, Long.MAX_VALUE); // the first row is the relays'
        try (Call call = writeWithin.prepare(connection)) {
            if (call.set("id", id).update() == 0) {
                return;
            }
        }
        try (Call call = delete.prepare(connection)) {
            call.set("id", id).update();
        }
    }
}
