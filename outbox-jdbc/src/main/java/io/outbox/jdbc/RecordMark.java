package io.outbox.jdbc;

import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.Set;
import java.util.UUID;

/**
 * A savepoint at the place of a transaction where messages were recorded: it is gone when that transaction is, so that it can be told
 * whether the handlers' work since is in the same one. Never rolled back to. Immutable.
 */
final class RecordMark {
    /** The class of SQLState that a missing savepoint has: in standard SQL it has one of its own, in MariaDB and MySQL this. */
    private static final String NO_SUCH_THING = "42";

    private final String name;

    private RecordMark(String name) {
        this.name = name;
    }

    /** A name that no other mark of the same transaction has: within it no other call has recorded the same message as new. */
    static RecordMark of(String consumerGroup, Set<String> recorded) {
        String first = consumerGroup + '\0' + Collections.min(recorded);
        UUID hash = UUID.nameUUIDFromBytes(first.getBytes(StandardCharsets.UTF_8));
        return new RecordMark("outbox_" + hash.toString().replace("-", ""));
    }

    void set(Connection connection) throws SQLException {
        execute(connection, "savepoint " + name);
    }

    /** Takes the mark away; false if it is gone, since the transaction has ended. */
    boolean release(Connection connection) throws SQLException {
        try {
            execute(connection, "release savepoint " + name);
            return true;
        } catch (SQLException e) {
            String state = e.getSQLState();
            if (state != null && state.startsWith(NO_SUCH_THING)) {
                return false;
            }
            throw e;
        }
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
