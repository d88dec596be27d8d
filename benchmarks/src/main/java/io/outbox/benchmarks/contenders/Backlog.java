package io.outbox.benchmarks.contenders;

import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.WorkerContext;
import io.outbox.spi.OutboxRecord;
import java.sql.Array;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;

/** Fills the outbox table without the library, many messages a transaction. */
final class Backlog {
    static final int SHARDS = 64;

    /** In transactions of this many, as if many callers had written, and so that no decoder meets a giant one. */
    private static final int CHUNK = 1000;

    private static final String GENERATE = """
            insert into outbox_message
                (channel, shard, message_id, destination, message_key, type, content_type, payload)
            select 'default', (cast(? as smallint[]))[1 + n % ?],
                '00000000-0000-7000-8000-' || lpad(cast(n as text), 12, '0'), ?, 'key-' || n % ?,
                'bench.message', 'text/plain',
                convert_to('n=' || lpad(cast(n as text), 12, '0') || ' key=' || lpad(cast(n % ? as text), 8, '0')
                    || ' seq=' || lpad(cast(n / ? as text), 10, '0') || ' p=|' || ?, 'UTF8')
            from generate_series(cast(? as bigint), cast(? as bigint)) n
            """;
    private static final String INSERT = """
            insert into outbox_message
                (channel, shard, message_id, destination, message_key, type, content_type, payload)
            values ('default', ?, ?, ?, ?, 'bench.message', 'text/plain', ?)
            """;

    private Backlog() {}

    static void fill(WorkerContext context, long from, long to, String topic) throws SQLException {
        try (Connection connection = context.database().dataSource().getConnection()) {
            boolean postgres = context.database().isPostgres();
            if (postgres) {
                execute(connection, "set synchronous_commit = off");
            }
            connection.setAutoCommit(false);
            for (long start = from; start < to; start += CHUNK) {
                long end = Math.min(to, start + CHUNK);
                if (postgres) {
                    generate(connection, context, start, end, topic);
                } else {
                    insert(connection, context, start, end, topic);
                }
                connection.commit();
            }
            connection.setAutoCommit(true);
            if (postgres) {
                execute(connection, "reset synchronous_commit");
            }
        }
    }

    static int shard(int key) {
        return OutboxRecord.shardOf(BenchMessage.keyText(key), SHARDS);
    }

    private static void generate(Connection connection, WorkerContext context, long from, long to, String topic)
            throws SQLException {
        int keys = context.keys();
        Short[] shards = new Short[keys];
        for (int key = 0; key < keys; key++) {
            shards[key] = (short) shard(key);
        }
        Array array = connection.createArrayOf("smallint", shards);
        try (PreparedStatement generate = connection.prepareStatement(GENERATE)) {
            generate.setArray(1, array);
            generate.setInt(2, keys);
            generate.setString(3, topic);
            for (int parameter : new int[] {4, 5, 6}) {
                generate.setInt(parameter, keys);
            }
            generate.setString(7, context.padding());
            generate.setLong(8, from);
            generate.setLong(9, to - 1);
            generate.executeUpdate();
        }
    }

    private static void insert(Connection connection, WorkerContext context, long from, long to, String topic)
            throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            for (long number = from; number < to; number++) {
                BenchMessage message = context.message(number);
                insert.setInt(1, shard(message.key()));
                insert.setString(2, message.id());
                insert.setString(3, topic);
                insert.setString(4, message.keyText());
                insert.setBytes(5, message.bytes(context.padding()));
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    /** The settings of a producer that is to be fast: as the relay's, or better. */
    static Map<String, Object> fastProducer() {
        return Map.of("linger.ms", 5, "batch.size", 256 * 1024, "buffer.memory", 64L * 1024 * 1024);
    }

    private static void execute(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }
}
