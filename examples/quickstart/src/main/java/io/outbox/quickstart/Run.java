package io.outbox.quickstart;

import io.outbox.MessageTypes;
import io.outbox.Outbox;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.Transactions;
import java.io.InputStream;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;

/** One run: puts the parts together, lets them work until every order is charged, and reports. */
final class Run {
    private static final Duration LEASE_TIME = Duration.ofSeconds(12);
    /** Short, so that what a killed relay held does not wait for long. */
    private static final Duration LEASE_TIME_IN_CHAOS = Duration.ofMillis(800);

    private static final long LOOK_MILLIS = 50;

    private final Database database;
    private final Transport transport;
    private final boolean isChaotic;
    private final Duration patience;
    private final PrintStream out;
    private final Counts counts = new Counts();

    /** Gives up when nothing has moved for as long as {@code patience}. */
    Run(Database database, Transport transport, boolean isChaotic, Duration patience, PrintStream out) {
        this.database = database;
        this.transport = transport;
        this.isChaotic = isChaotic;
        this.patience = patience;
        this.out = out;
    }

    @SuppressWarnings("try") // progress and chaos work on threads of their own; nothing calls them
    Report run(InputStream orders) throws Exception {
        JdbcOutboxStore store = JdbcOutboxStore.of(database.dataSource, database.names);
        Transactions transactions = Transactions.of(database.dataSource);
        MessageTypes types = MessageTypes.of(Order.class);
        Outbox<Connection> outbox = Outbox.builder(store).types(types).build();
        Shop shop = new Shop(transactions, outbox, database.schema, transport.topic());

        transport.consume(
                billingConsumer(transactions),
                TypedHandlers.<Connection>builder(types)
                        .on(Order.class, new Billing(database.schema))
                        .build());

        Duration elapsed;
        long start = System.nanoTime();
        try (Relays relays = relays(store);
                Progress progress = new Progress(out, counts);
                Chaos chaos = isChaotic ? new Chaos(relays, transport, counts) : null) {
            Writers writers = new Writers(shop, counts, isChaotic);
            new OrderFile(orders, writers).readAll();
            writers.finish();
            awaitCharges();
            elapsed = Duration.ofNanos(System.nanoTime() - start);
        }
        return new Report(Books.of(database), counts, transport.setAside(), elapsed);
    }

    private IdempotentConsumer<Connection> billingConsumer(Transactions transactions) {
        JdbcDedupStore dedup = JdbcDedupStore.of(database.dataSource, database.names);
        return IdempotentConsumer.of(Billing.GROUP, transactions, new CountingDedupStore(dedup, counts));
    }

    private Relays relays(JdbcOutboxStore store) {
        return new Relays(
                store,
                () -> new CountingPublisher(transport.publisher(), counts),
                isChaotic ? LEASE_TIME_IN_CHAOS : LEASE_TIME);
    }

    /** Waits until every order is charged and nothing is on its way any more, or nothing has moved for long. */
    private void awaitCharges() throws SQLException, InterruptedException {
        long movedAt = System.nanoTime();
        long moves = -1;
        while (!isSettled()) {
            Thread.sleep(LOOK_MILLIS);
            if (counts.moves() != moves) {
                moves = counts.moves();
                movedAt = System.nanoTime();
            } else if (System.nanoTime() - movedAt > patience.toNanos()) {
                out.printf(Locale.ROOT, "nothing has moved for %d s, giving up%n", patience.toSeconds());
                return;
            }
        }
    }

    private boolean isSettled() throws SQLException {
        return counts.delivered.get() - counts.duplicates.get() >= counts.committed.get()
                && transport.isDrained()
                && Books.areSettled(database);
    }
}
