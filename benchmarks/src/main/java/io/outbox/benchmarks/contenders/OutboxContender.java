package io.outbox.benchmarks.contenders;

import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.Contender;
import io.outbox.benchmarks.worker.WorkerContext;
import io.outbox.benchmarks.worker.WorkerDatabase;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.OutboxSchema;
import io.outbox.jdbc.Transactions;
import io.outbox.kafka.KafkaPublisher;
import io.outbox.rabbit.RabbitPublisher;
import io.outbox.relay.Relay;
import io.outbox.spi.Publisher;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** This library, with its default settings. */
public class OutboxContender implements Contender {
    private final WorkerContext context;
    private final JdbcOutboxStore store;
    private final Outbox<Connection> outbox;
    private final Transactions transactions;
    private @Nullable Publisher publisher;
    private @Nullable Relay relay;

    /** Makes the contender; touches no database. */
    public OutboxContender(WorkerContext context) {
        this(context, JdbcOutboxStore.of(context.database().dataSource()));
    }

    private OutboxContender(WorkerContext context, JdbcOutboxStore store) {
        this.context = context;
        this.store = store;
        outbox = Outbox.builder(store).build();
        transactions = Transactions.of(context.database().dataSource());
    }

    @Override
    public void createTables() throws SQLException {
        OutboxTables.recreate(context.database());
    }

    @Override
    public void preload(long from, long to, String topic) throws SQLException {
        Backlog.fill(context, from, to, topic);
    }

    @Override
    public void startRelay(String topic) {
        publisher = publisher();
        relay = Relay.builder(store).publisher(publisher).build();
        relay.start();
    }

    private Publisher publisher() {
        String amqp = context.amqpUri();
        String bootstrap = context.bootstrapServers();
        if (amqp != null) {
            return RabbitPublisher.builder(amqp).source("/bench").build();
        }
        return bootstrap == null
                ? new CheckingPublisher(context::check)
                : KafkaPublisher.builder(bootstrap).source("/bench").build();
    }

    @Override
    public void stopRelay() {
        if (relay != null) {
            relay.close();
            relay = null;
        }
        if (publisher != null) {
            publisher.close();
            publisher = null;
        }
    }

    @Override
    public void transact(BenchMessage message, String topic) throws SQLException {
        String unused = transactions.inTransaction(connection -> {
            WorkerDatabase.insertBusiness(connection, message.number());
            return outbox.publish(
                    connection,
                    Message.to(topic)
                            .key(message.keyText())
                            .type("bench.message")
                            .payload(message.text(context.padding()))
                            .build());
        });
    }

    /** The same with a notification in each transaction. */
    public static final class Notifying extends OutboxContender {
        /** Makes the contender; touches no database. */
        public Notifying(WorkerContext context) {
            super(context, JdbcOutboxStore.of(context.database().dataSource()).withNotify());
        }
    }

    /** The outbox tables of this library, which the ceiling and the CDC peer read too. */
    static final class OutboxTables {
        private static final List<String> NAMES = List.of("message", "parked", "relay", "lease", "dedup", "schema");

        private OutboxTables() {}

        static void recreate(WorkerDatabase database) throws SQLException {
            List<String> drops = new ArrayList<>();
            NAMES.forEach(name -> drops.add("drop table if exists outbox_" + name));
            Collections.reverse(drops);
            database.execute(drops.toArray(String[]::new));
            OutboxSchema.of(database.dataSource()).withShards(Backlog.SHARDS).create();
        }
    }
}
