package io.outbox.benchmarks.contenders;

import com.rabbitmq.client.ConnectionFactory;
import io.outbox.benchmarks.wire.ArrivalCheck;
import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.Contender;
import io.outbox.benchmarks.worker.Sink;
import io.outbox.benchmarks.worker.WorkerContext;
import io.outbox.benchmarks.worker.WorkerDatabase;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.MessageHandler;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.Transactions;
import io.outbox.kafka.KafkaConsumerLoop;
import io.outbox.rabbit.RabbitConsumerLoop;
import java.net.URISyntaxException;
import java.security.GeneralSecurityException;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One way to consume: each message inserts a business row. Its "backlog" is in the broker, and its "relay" is the consumer, so that
 * what drives relays drives consumers.
 */
public abstract class ConsumingContender implements Contender {
    private static final Logger LOG = LoggerFactory.getLogger(ConsumingContender.class);

    /** Where the servers are. */
    protected final WorkerContext context;

    private @Nullable AutoCloseable running;

    /** Makes the contender; touches neither broker nor database. */
    protected ConsumingContender(WorkerContext context) {
        this.context = context;
    }

    @Override
    public void createTables() throws SQLException {
        OutboxContender.OutboxTables.recreate(context.database());
    }

    @Override
    public void preload(long from, long to, String topic) {
        try (Sink sink = context.openSink(Backlog.fastProducer())) {
            for (long number = from; number < to; number++) {
                BenchMessage message = context.message(number);
                sink.send(topic, message.keyText(), message.id(), message.bytes(context.padding()), failure -> {
                    if (failure != null) {
                        LOG.error("the broker refused a message", failure);
                    }
                });
            }
        }
    }

    @Override
    public void startRelay(String topic) throws Exception {
        running = start(topic);
    }

    /** Starts to consume; what is returned stops it. */
    protected abstract AutoCloseable start(String topic) throws Exception;

    @Override
    public void stopRelay() throws Exception {
        if (running != null) {
            running.close();
            running = null;
        }
    }

    @Override
    public void transact(BenchMessage message, String topic) {
        throw new UnsupportedOperationException("it only consumes");
    }

    /** What a message does. */
    protected void effect(Connection connection, byte[] payload) throws SQLException {
        WorkerDatabase.insertBusiness(connection, BenchMessage.read(payload).number());
        ArrivalCheck check = context.check();
        synchronized (check) {
            check.add(payload, System.nanoTime());
        }
    }

    /** This library. */
    private abstract static class Ours extends ConsumingContender {
        private final int batch;

        Ours(WorkerContext context, int batch) {
            super(context);
            this.batch = batch;
        }

        @Override
        protected AutoCloseable start(String topic) throws URISyntaxException, GeneralSecurityException {
            IdempotentConsumer<Connection> consumer = IdempotentConsumer.of(
                    "bench-" + topic,
                    Transactions.of(context.database().dataSource()),
                    JdbcDedupStore.of(context.database().dataSource()));
            MessageHandler<Connection, SQLException> handler =
                    (connection, message) -> effect(connection, message.payload());
            String amqp = context.amqpUri();
            if (amqp != null) {
                ConnectionFactory factory = new ConnectionFactory();
                factory.setUri(amqp);
                RabbitConsumerLoop loop = RabbitConsumerLoop.builder(factory, List.of(topic), consumer, handler)
                        .prefetch(5 * Incoming.BATCH)
                        .batch(batch)
                        .build();
                loop.start();
                return loop;
            }
            KafkaConsumerLoop loop = KafkaConsumerLoop.builder(
                            Map.of("bootstrap.servers", context.setting("bootstrapServers")),
                            List.of(topic),
                            consumer,
                            handler)
                    .batch(batch)
                    .build();
            loop.start();
            return loop;
        }
    }

    /** This library, many messages a transaction. */
    public static final class InBatches extends Ours {
        /** Makes the contender. */
        public InBatches(WorkerContext context) {
            super(context, Incoming.BATCH);
        }
    }

    /** This library, one message a transaction. */
    public static final class OneByOne extends Ours {
        /** Makes the contender. */
        public OneByOne(WorkerContext context) {
            super(context, 1);
        }
    }

    /** A loop written by hand. */
    private abstract static class ByHand extends ConsumingContender {
        private volatile boolean running;

        ByHand(WorkerContext context) {
            super(context);
        }

        @Override
        protected AutoCloseable start(String topic) {
            running = true;
            Thread thread = new Thread(() -> run(topic), "by-hand");
            thread.start();
            return () -> {
                running = false;
                thread.join();
            };
        }

        private void run(String topic) {
            String amqp = context.amqpUri();
            try (Incoming incoming = amqp == null
                            ? Incoming.kafka(context.setting("bootstrapServers"), topic)
                            : Incoming.rabbit(amqp, topic);
                    Connection connection = context.database().dataSource().getConnection()) {
                connection.setAutoCommit(false);
                while (running) {
                    List<Incoming.Item> items = incoming.next();
                    if (!items.isEmpty()) {
                        handle(connection, items);
                        incoming.done();
                    }
                }
            } catch (Exception e) {
                LOG.error("the loop has ended", e);
            }
        }

        abstract void handle(Connection connection, List<Incoming.Item> items) throws SQLException;
    }

    /** A transaction for what a poll gives, and nothing against duplicates. */
    public static final class WithoutDedup extends ByHand {
        /** Makes the contender. */
        public WithoutDedup(WorkerContext context) {
            super(context);
        }

        @Override
        void handle(Connection connection, List<Incoming.Item> items) throws SQLException {
            for (Incoming.Item item : items) {
                effect(connection, item.payload());
            }
            connection.commit();
        }
    }

    /** A transaction and a dedup insert for each message. */
    public static final class Naive extends ByHand {
        private static final String RECORD =
                "insert into outbox_dedup (consumer_group, message_id) values ('naive', ?) on conflict do nothing";

        /** Makes the contender. */
        public Naive(WorkerContext context) {
            super(context);
        }

        @Override
        void handle(Connection connection, List<Incoming.Item> items) throws SQLException {
            for (Incoming.Item item : items) {
                try (PreparedStatement record = connection.prepareStatement(RECORD)) {
                    record.setString(1, item.id());
                    if (record.executeUpdate() == 1) {
                        effect(connection, item.payload());
                    }
                }
                connection.commit();
            }
        }
    }
}
