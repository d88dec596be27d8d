package io.outbox.benchmarks.contenders;

import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.WorkerDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/**
 * The business of a soak: for each key what was committed, and what took effect. A row for each key and none for each
 * message, so that nothing but the library's own tables could grow. The check of what takes effect is part of the consumer's
 * transaction, so what was rolled back does not count.
 */
final class SoakTables {
    private static final String WRITE = "update soak_written set latest = ? where message_key = ?";

    /** The next one of its key, and nothing else. */
    private static final String TAKE =
            "update soak_taken set latest = ?, taken = taken + 1 where message_key = ? and latest = ? - 1";

    /** One that has taken effect before, or was overtaken by a later one. */
    private static final String TAKE_AGAIN =
            "update soak_taken set repeated = repeated + 1 where message_key = ? and latest >= ?";

    /** One that came before those that precede it. */
    private static final String TAKE_TOO_EARLY =
            "update soak_taken set latest = ?, taken = taken + 1, gaps = gaps + 1 where message_key = ?";

    private SoakTables() {}

    static void recreate(WorkerDatabase database, int keys) throws SQLException {
        database.execute(
                "drop table if exists soak_written",
                "drop table if exists soak_taken",
                "create table soak_written (message_key int primary key, latest bigint not null)",
                "create table soak_taken (message_key int primary key, latest bigint not null, taken bigint not null,"
                        + " repeated bigint not null, gaps bigint not null)");
        try (Connection connection = database.dataSource().getConnection();
                PreparedStatement written = connection.prepareStatement("insert into soak_written values (?, -1)");
                PreparedStatement taken =
                        connection.prepareStatement("insert into soak_taken values (?, -1, 0, 0, 0)")) {
            for (int key = 0; key < keys; key++) {
                written.setInt(1, key);
                written.executeUpdate();
                taken.setInt(1, key);
                taken.executeUpdate();
            }
        }
    }

    /** Notes a message as written, in the writer's transaction. */
    static void write(Connection connection, BenchMessage message) throws SQLException {
        if (update(connection, WRITE, message.sequence(), message.key()) != 1) {
            throw new IllegalStateException("there is no row of key " + message.key());
        }
    }

    /** Lets a message take effect, in the consumer's transaction, and notes whether it should have. */
    static void take(Connection connection, BenchMessage message) throws SQLException {
        if (update(connection, TAKE, message.sequence(), message.key(), message.sequence()) == 0
                && update(connection, TAKE_AGAIN, message.key(), message.sequence()) == 0
                && update(connection, TAKE_TOO_EARLY, message.sequence(), message.key()) == 0) {
            throw new IllegalStateException("there is no row of key " + message.key());
        }
    }

    private static int update(Connection connection, String sql, int... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setInt(i + 1, values[i]);
            }
            return statement.executeUpdate();
        }
    }
}
