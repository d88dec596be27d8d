package io.outbox.benchmarks.contenders;

import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.LongRunning;
import io.outbox.benchmarks.worker.WorkerContext;
import io.outbox.consumer.DedupExpiry;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.MessageHandler;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.Transactions;
import io.outbox.kafka.KafkaConsumerLoop;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** A consumer that forgets handled messages soon, so that its table must stop growing. Its handler fails now and then. */
public final class SoakConsumer implements LongRunning {
    private static final int FAILS_ONE_IN = 20_000;
    /** Looks for what to forget so many times while a message is kept. */
    private static final int LOOKS = 10;

    private final WorkerContext context;
    private @Nullable KafkaConsumerLoop loop;
    private @Nullable DedupExpiry expiry;

    /** Makes the consumer; touches neither broker nor database. */
    public SoakConsumer(WorkerContext context) {
        this.context = context;
    }

    @Override
    public void createTables() {
        throw new UnsupportedOperationException("the service makes the tables");
    }

    @Override
    public void preload(long from, long to, String topic) {
        throw new UnsupportedOperationException("nothing waits when a soak begins");
    }

    @Override
    public void startRelay(String topic) {
        JdbcDedupStore dedup = JdbcDedupStore.of(context.database().dataSource());
        IdempotentConsumer<Connection> consumer = IdempotentConsumer.of(
                "bench-" + topic, Transactions.of(context.database().dataSource()), dedup);
        MessageHandler<Connection, SQLException> handler = (connection, message) -> {
            SoakTables.take(connection, BenchMessage.read(message.payload()));
            if (ThreadLocalRandom.current().nextInt(FAILS_ONE_IN) == 0) {
                throw new IllegalStateException("failed, as planned");
            }
        };
        Duration keepFor = Duration.ofMillis(context.count("keepMillis"));
        expiry = DedupExpiry.builder(dedup, keepFor)
                .interval(keepFor.dividedBy(LOOKS))
                .start();
        loop = KafkaConsumerLoop.builder(
                        Map.of("bootstrap.servers", context.setting("bootstrapServers")),
                        List.of(topic),
                        consumer,
                        handler)
                .batch(Incoming.BATCH)
                .build();
        loop.start();
    }

    @Override
    public Map<String, Long> figures() {
        if (loop == null) {
            return Map.of();
        }
        loop.failure().ifPresent(failure -> {
            throw new IllegalStateException("the consumer has ended", failure);
        });
        KafkaConsumerLoop.Counts counts = loop.counts();
        return Map.of(
                "handled", counts.handled(),
                "duplicates", counts.duplicates(),
                "failedAttempts", counts.failedAttempts(),
                "deadLetters", counts.deadLetters());
    }

    @Override
    public void stopRelay() {
        if (loop != null) {
            loop.close();
            loop = null;
        }
        if (expiry != null) {
            expiry.close();
            expiry = null;
        }
    }

    @Override
    public void transact(BenchMessage message, String topic) {
        throw new UnsupportedOperationException("it only consumes");
    }
}
