package io.outbox.benchmarks.contenders;

import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.WorkerContext;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

/** The insert of a message as one writes it by hand. Thread-safe. */
final class PlainInsert {
    private final WorkerContext context;
    private final String sql;

    PlainInsert(WorkerContext context, String table) {
        this.context = context;
        sql = "insert into " + table
                + " (channel, shard, message_id, destination, message_key, type, content_type, headers, payload)"
                + " values (?, ?, ?, ?, ?, ?, ?, ?, ?)";
    }

    void insert(Connection connection, BenchMessage message, String topic) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(sql)) {
            insert.setString(1, "default");
            insert.setInt(2, Backlog.shard(message.key()));
            insert.setString(3, message.id());
            insert.setString(4, topic);
            insert.setString(5, message.keyText());
            insert.setString(6, "bench.message");
            insert.setString(7, "text/plain");
            insert.setString(8, null);
            insert.setBytes(9, message.bytes(context.padding()));
            insert.executeUpdate();
        }
    }
}
