package io.outbox.benchmarks.contenders;

import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.Contender;
import io.outbox.benchmarks.worker.Sink;
import io.outbox.benchmarks.worker.WorkerContext;
import io.outbox.benchmarks.worker.WorkerDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a developer writes in an afternoon: one loop that selects by id, sends all, waits for all and deletes by ids. No
 * second instance, no failure, no late commit is thought of. Hence a ceiling for what has to think of them.
 */
public final class CeilingContender implements Contender {
    private static final Logger LOG = LoggerFactory.getLogger(CeilingContender.class);
    private static final int BATCH = 1000;
    private static final long IDLE_NANOS = 1_000_000;
    private static final String SELECT =
            "select id, destination, message_key, message_id, payload from outbox_message order by id limit " + BATCH;
    private static final String DELETE = "delete from outbox_message where id = any (?)";

    private final WorkerContext context;
    private final PlainInsert insert;
    private volatile boolean running;
    private @Nullable Thread loop;

    /** Makes the contender; touches no database. */
    public CeilingContender(WorkerContext context) {
        this.context = context;
        insert = new PlainInsert(context, "outbox_message");
    }

    @Override
    public void createTables() throws SQLException {
        OutboxContender.OutboxTables.recreate(context.database());
    }

    @Override
    public void preload(long from, long to, String topic) throws SQLException {
        Backlog.fill(context, from, to, topic);
    }

    @Override
    public void startRelay(String topic) {
        running = true;
        loop = new Thread(this::loop, "ceiling");
        loop.start();
    }

    private void loop() {
        try (Sink sink = context.openSink(Backlog.fastProducer());
                Connection connection = context.database().dataSource().getConnection();
                PreparedStatement select = connection.prepareStatement(SELECT);
                PreparedStatement delete = connection.prepareStatement(DELETE)) {
            while (running) {
                if (!step(connection, select, delete, sink)) {
                    LockSupport.parkNanos(IDLE_NANOS);
                }
            }
        } catch (SQLException e) {
            LOG.error("the loop has ended", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static boolean step(Connection connection, PreparedStatement select, PreparedStatement delete, Sink sink)
            throws SQLException, InterruptedException {
        Long[] ids = new Long[BATCH];
        int count = 0;
        CountDownLatch answers = new CountDownLatch(BATCH);
        AtomicReference<Exception> failure = new AtomicReference<>();
        try (ResultSet row = select.executeQuery()) {
            while (row.next()) {
                ids[count++] = row.getLong(1);
                sink.send(row.getString(2), row.getString(3), row.getString(4), row.getBytes(5), refused -> {
                    if (refused != null) {
                        failure.set(refused);
                    }
                    answers.countDown();
                });
            }
        }
        for (int i = count; i < BATCH; i++) {
            answers.countDown();
        }
        answers.await();
        if (failure.get() != null) {
            throw new IllegalStateException("Kafka refused a message", failure.get());
        }
        if (count > 0) {
            delete.setArray(1, connection.createArrayOf("bigint", Arrays.copyOf(ids, count)));
            delete.executeUpdate();
        }
        return count > 0;
    }

    @Override
    public void stopRelay() throws InterruptedException {
        running = false;
        if (loop != null) {
            loop.join();
            loop = null;
        }
    }

    @Override
    public void transact(BenchMessage message, String topic) throws SQLException {
        try (Connection connection = context.database().dataSource().getConnection()) {
            connection.setAutoCommit(false);
            WorkerDatabase.insertBusiness(connection, message.number());
            insert.insert(connection, message, topic);
            connection.commit();
        }
    }
}
