package io.outbox.benchmarks.contenders;

import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.Contender;
import io.outbox.benchmarks.worker.WorkerContext;
import io.outbox.benchmarks.worker.WorkerDatabase;
import java.sql.Connection;
import java.sql.SQLException;

/** The business row alone, without a message. */
public final class NoOutboxContender implements Contender {
    private final WorkerContext context;

    /** Makes the contender; touches no database. */
    public NoOutboxContender(WorkerContext context) {
        this.context = context;
    }

    @Override
    public void createTables() {}

    @Override
    public void transact(BenchMessage message, String topic) throws SQLException {
        try (Connection connection = context.database().dataSource().getConnection()) {
            connection.setAutoCommit(false);
            WorkerDatabase.insertBusiness(connection, message.number());
            connection.commit();
        }
    }

    @Override
    public void preload(long from, long to, String topic) {
        throw new UnsupportedOperationException("there are no messages");
    }

    @Override
    public void startRelay(String topic) {
        throw new UnsupportedOperationException("there are no messages");
    }

    @Override
    public void stopRelay() {}
}
