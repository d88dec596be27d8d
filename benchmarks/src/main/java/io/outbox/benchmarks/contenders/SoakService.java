package io.outbox.benchmarks.contenders;

import io.outbox.Outbox;
import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.LongRunning;
import io.outbox.benchmarks.worker.WorkerContext;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.kafka.KafkaPublisher;
import io.outbox.relay.ChannelStatus;
import io.outbox.relay.Relay;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A service that writes at a steady rate for a set time, with the relay in its own process. */
public final class SoakService implements LongRunning {
    private final WorkerContext context;
    private final JdbcOutboxStore store;
    private final Outbox<Connection> outbox;
    private @Nullable Running running;

    /** Makes the service; touches no database. */
    public SoakService(WorkerContext context) {
        this.context = context;
        store = JdbcOutboxStore.of(context.database().dataSource());
        outbox = Outbox.builder(store).build();
    }

    /** What was started. */
    private record Running(StumblingPublisher publisher, Relay relay, SoakWriters writers) {}

    @Override
    public void createTables() throws SQLException {
        OutboxContender.OutboxTables.recreate(context.database());
        SoakTables.recreate(context.database(), context.keys() + SoakWriters.LATE_KEYS);
    }

    @Override
    public void preload(long from, long to, String topic) {
        throw new UnsupportedOperationException("nothing waits when a soak begins");
    }

    /** Starts the relay and the writers. */
    @Override
    public void startRelay(String topic) {
        StumblingPublisher publisher =
                new StumblingPublisher(KafkaPublisher.builder(context.setting("bootstrapServers"))
                        .source("/bench")
                        .build());
        Relay relay = Relay.builder(store).publisher(publisher).build();
        SoakWriters writers = new SoakWriters(context, outbox, topic);
        running = new Running(publisher, relay, writers);
        relay.start();
        writers.start();
    }

    @Override
    public Map<String, Long> figures() {
        Map<String, Long> figures = new LinkedHashMap<>();
        if (running != null) {
            SoakWriters writers = running.writers();
            writers.check();
            figures.put("writing", writers.isWriting() ? 1L : 0L);
            figures.put("committed", writers.committed());
            figures.put("late", writers.late());
            figures.put("rolledBack", writers.rolledBack());
            ChannelStatus status = running.relay().status().channel(Outbox.DEFAULT_CHANNEL);
            figures.put(
                    "lagMillis", status.oldestWaiting().map(Duration::toMillis).orElse(0L));
            figures.put("parked", status.parked());
            figures.put("deadLetters", status.deadLetters());
        }
        return figures;
    }

    @Override
    public void stopRelay() {
        if (running != null) {
            running.relay().close();
            running.publisher().close();
            running = null;
        }
    }

    @Override
    public void transact(BenchMessage message, String topic) {
        throw new UnsupportedOperationException("it writes by itself");
    }
}
