package io.outbox.benchmarks.peers.debezium;

import io.debezium.embedded.Connect;
import io.debezium.engine.DebeziumEngine;
import io.debezium.engine.DebeziumEngine.RecordCommitter;
import io.debezium.engine.RecordChangeEvent;
import io.debezium.engine.format.ChangeEventFormat;
import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.Contender;
import io.outbox.benchmarks.worker.Sink;
import io.outbox.benchmarks.worker.WorkerContext;
import io.outbox.benchmarks.worker.WorkerDatabase;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Debezium's embedded engine with the outbox event router, reading a replication slot. Each batch is sent in a pipeline
 * and committed when all of it is acknowledged. Rows are deleted in the transaction that inserts them, as Debezium
 * advises: the log is what is read.
 */
public final class DebeziumContender implements Contender {
    private static final String SLOT = "bench_debezium";
    private static final String CREATE = """
            create table bench_event (
                id varchar(200) not null primary key, aggregatetype varchar(255) not null,
                aggregateid varchar(255) not null, type varchar(255) not null, payload bytea not null)
            """;
    private static final String INSERT =
            "insert into bench_event (id, aggregatetype, aggregateid, type, payload) values (?, ?, ?, ?, ?)";
    private static final int CHUNK = 1_000;

    private final WorkerContext context;
    private DebeziumEngine<RecordChangeEvent<SourceRecord>> engine;
    private ExecutorService thread;
    private Sink sink;

    /** Makes the contender; touches no database. */
    public DebeziumContender(WorkerContext context) {
        this.context = context;
    }

    @Override
    public void createTables() throws SQLException {
        context.database()
                .execute(
                        "select pg_drop_replication_slot(slot_name) from pg_replication_slots where slot_name = '" + SLOT
                                + "'",
                        "drop publication if exists " + SLOT,
                        "drop table if exists bench_event",
                        CREATE,
                        "create publication " + SLOT + " for table bench_event",
                        "select pg_create_logical_replication_slot('" + SLOT + "', 'pgoutput')");
    }

    @Override
    public void preload(long from, long to, String topic) throws SQLException {
        try (Connection connection = context.database().dataSource().getConnection();
                PreparedStatement insert = connection.prepareStatement(INSERT);
                Statement delete = connection.createStatement()) {
            connection.setAutoCommit(false);
            for (long start = from; start < to; start += CHUNK) {
                for (long number = start; number < Math.min(to, start + CHUNK); number++) {
                    fill(insert, context.message(number), topic);
                    insert.addBatch();
                }
                insert.executeBatch();
                delete.executeUpdate("delete from bench_event");
                connection.commit();
            }
            connection.setAutoCommit(true);
        }
    }

    private void fill(PreparedStatement insert, BenchMessage message, String topic) throws SQLException {
        insert.setString(1, message.id());
        insert.setString(2, topic);
        insert.setString(3, message.keyText());
        insert.setString(4, "bench.message");
        insert.setBytes(5, message.bytes(context.padding()));
    }

    @Override
    public void startRelay(String topic) throws InterruptedException {
        sink = context.openSink(Map.of("linger.ms", 5, "batch.size", 256 * 1024));
        CountDownLatch started = new CountDownLatch(1);
        engine = DebeziumEngine.create(ChangeEventFormat.of(Connect.class))
                .using(settings())
                .using(new DebeziumEngine.ConnectorCallback() {
                    @Override
                    public void taskStarted() {
                        started.countDown();
                    }
                })
                .notifying(this::publish)
                .build();
        thread = Executors.newSingleThreadExecutor();
        thread.execute(engine);
        if (!started.await(1, TimeUnit.MINUTES)) {
            throw new IllegalStateException("Debezium did not start");
        }
    }

    private Properties settings() {
        URI database = URI.create(context.setting("jdbcUrl").substring("jdbc:".length()));
        Properties settings = new Properties();
        settings.putAll(Map.of(
                "name", "bench",
                "connector.class", "io.debezium.connector.postgresql.PostgresConnector",
                "offset.storage", "org.apache.kafka.connect.storage.MemoryOffsetBackingStore",
                "database.hostname", database.getHost(),
                "database.port", Integer.toString(database.getPort()),
                "database.user", context.setting("user"),
                "database.password", context.setting("password"),
                "database.dbname", database.getPath().substring(1)));
        settings.putAll(Map.of(
                "topic.prefix", "bench",
                "plugin.name", "pgoutput",
                "slot.name", SLOT,
                "publication.name", SLOT,
                "publication.autocreate.mode", "disabled",
                "snapshot.mode", "no_data",
                "table.include.list", "public.bench_event",
                "tombstones.on.delete", "false",
                "skipped.operations", "u,d,t"));
        settings.putAll(Map.of(
                "max.batch.size", "4096",
                "max.queue.size", "16384",
                "poll.interval.ms", "5",
                "offset.flush.interval.ms", "1000",
                "transforms", "outbox",
                "transforms.outbox.type", "io.debezium.transforms.outbox.EventRouter",
                "transforms.outbox.table.field.event.key", "aggregateid",
                "transforms.outbox.route.topic.replacement", "${routedByValue}"));
        return settings;
    }

    private void publish(
            List<RecordChangeEvent<SourceRecord>> batch, RecordCommitter<RecordChangeEvent<SourceRecord>> committer)
            throws InterruptedException {
        CountDownLatch answers = new CountDownLatch(batch.size());
        AtomicReference<Exception> failure = new AtomicReference<>();
        for (RecordChangeEvent<SourceRecord> event : batch) {
            SourceRecord record = event.record();
            String id = String.valueOf(record.headers().lastWithName("id").value());
            sink.send(record.topic(), String.valueOf(record.key()), id, bytes(record.value()), refused -> {
                if (refused != null) {
                    failure.set(refused);
                }
                answers.countDown();
            });
        }
        answers.await();
        if (failure.get() != null) {
            throw new IllegalStateException("Kafka refused a message", failure.get());
        }
        for (RecordChangeEvent<SourceRecord> event : batch) {
            committer.markProcessed(event);
        }
        committer.markBatchFinished();
    }

    private static byte[] bytes(Object value) {
        if (value instanceof ByteBuffer buffer) {
            byte[] bytes = new byte[buffer.remaining()];
            buffer.duplicate().get(bytes);
            return bytes;
        }
        return (byte[]) value;
    }

    @Override
    public void stopRelay() throws Exception {
        engine.close();
        thread.shutdown();
        thread.awaitTermination(1, TimeUnit.MINUTES);
        sink.close();
    }

    @Override
    public void transact(BenchMessage message, String topic) throws SQLException {
        try (Connection connection = context.database().dataSource().getConnection()) {
            connection.setAutoCommit(false);
            WorkerDatabase.insertBusiness(connection, message.number());
            try (PreparedStatement insert = connection.prepareStatement(INSERT);
                    PreparedStatement delete = connection.prepareStatement("delete from bench_event where id = ?")) {
                fill(insert, message, topic);
                insert.executeUpdate();
                delete.setString(1, message.id());
                delete.executeUpdate();
            }
            connection.commit();
        }
    }
}
