package io.outbox.quickstart;

import io.outbox.MessageTypes;
import io.outbox.Outbox;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.jdbc.JdbcDedupStore;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.Transactions;
import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.InputStream;
import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Locale;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;

/** The main job of the library, whole: write orders with their messages, relay them, charge each order exactly once. */
public final class Quickstart {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long PROGRESS_NANOS = Duration.ofSeconds(1).toNanos();
    private static final long LOOK_MILLIS = 20;

    private final Options options;
    private final PrintStream out;
    private final AtomicLong deliveries = new AtomicLong();
    private final AtomicLong duplicates = new AtomicLong();
    private final long startedAt = System.nanoTime();
    private long progressAt = startedAt;

    private Quickstart(Options options, PrintStream out) {
        this.options = options;
        this.out = out;
    }

    /**
     * Runs the quickstart and exits with 0 when the books balance, 1 when they do not, 2 when it was called wrongly.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String... arguments) {
        System.exit(run(System.out, arguments));
    }

    static int run(PrintStream out, String... arguments) {
        if (arguments.length > 0 && (arguments[0].equals("--help") || arguments[0].equals("-h"))) {
            out.print(Options.USAGE);
            return 0;
        }
        try {
            return new Quickstart(Options.parse(arguments), out).run() ? 0 : 1;
        } catch (IllegalArgumentException e) {
            out.println("quickstart: " + e.getMessage());
            out.print(Options.USAGE);
            return 2;
        } catch (FileNotFoundException e) {
            out.println("quickstart: cannot read the orders: " + e.getMessage());
            return 2;
        } catch (Exception e) {
            out.println("quickstart: failed: " + e);
            return 1;
        }
    }

    private boolean run() throws Exception {
        try (InputStream orders = orders();
                Servers servers = Servers.of(options, out);
                Database database = servers.database();
                Transport transport = servers.transport()) {
            Report report = run(orders, database, transport);
            report.print(out);
            return report.isBalanced();
        }
    }

    private InputStream orders() throws FileNotFoundException {
        String file = options.orders();
        if (file == null) {
            return Objects.requireNonNull(Quickstart.class.getResourceAsStream("/orders.jsonl"), "orders.jsonl");
        }
        return file.equals("-") ? System.in : new FileInputStream(file);
    }

    private Report run(InputStream orders, Database database, Transport transport) throws Exception {
        JdbcOutboxStore store = JdbcOutboxStore.of(database.dataSource, database.names);
        Transactions transactions = Transactions.of(database.dataSource);
        MessageTypes types = MessageTypes.of(Order.class);

        Outbox<Connection> outbox = Outbox.builder(store).types(types).build();
        Writers writers =
                new Writers(new Shop(transactions, outbox, database.schema, transport.topic()), options.chaos());

        transport.consume(
                IdempotentConsumer.of(
                        "billing",
                        transactions,
                        new CountingDedupStore(
                                JdbcDedupStore.of(database.dataSource, database.names), deliveries, duplicates)),
                TypedHandlers.<Connection>builder(types)
                        .on(Order.class, new Billing(database.schema))
                        .build());

        try (Relays relays = new Relays(store, transport::publisher, options.chaos())) {
            Thread reader = new Thread(() -> readAll(orders, writers), "quickstart-reader");
            reader.setDaemon(true);
            reader.start();
            watch(database, reader, writers, relays);
            writers.finish();
            return Report.of(database, counters(writers, relays, transport));
        }
    }

    private void readAll(InputStream orders, Writers writers) {
        try {
            new OrderFile(orders).readAll(writers);
            writers.finish();
        } catch (Exception e) {
            out.println("quickstart: reading the orders ended: " + e);
        }
    }

    /** Waits until everything is charged, or nothing has moved for long; meanwhile reports, and makes trouble if asked. */
    private void watch(Database database, Thread reader, Writers writers, Relays relays)
            throws SQLException, InterruptedException {
        Random random = new Random();
        long movedAt = System.nanoTime();
        long last = -1;
        long troubleAt = System.nanoTime();
        while (reader.isAlive() || !isSettled(database, writers)) {
            reader.join(LOOK_MILLIS);
            if (!reader.isAlive()) {
                Thread.sleep(LOOK_MILLIS);
            }
            progress(writers, relays);
            long now = System.nanoTime();
            if (options.chaos() && now > troubleAt) {
                relays.restart();
                troubleAt = now + Duration.ofMillis(100 + random.nextInt(500)).toNanos();
            }
            long moved = writers.committed() + deliveries.get();
            if (moved != last) {
                last = moved;
                movedAt = now;
            } else if (now - movedAt > PATIENCE.toNanos()) {
                out.println("quickstart: nothing has moved for " + PATIENCE.toSeconds() + " s, giving up");
                return;
            }
        }
    }

    private boolean isSettled(Database database, Writers writers) throws SQLException {
        return deliveries.get() - duplicates.get() >= writers.committed() && Report.isSettled(database);
    }

    private void progress(Writers writers, Relays relays) {
        long now = System.nanoTime();
        if (now - progressAt >= PROGRESS_NANOS) {
            progressAt = now;
            out.printf(
                    Locale.ROOT,
                    "  %,d orders committed, %,d messages published, %,d delivered%n",
                    writers.committed(),
                    relays.published(),
                    deliveries.get());
        }
    }

    private Report.Counters counters(Writers writers, Relays relays, Transport transport) {
        return new Report.Counters(
                writers.committed(),
                writers.rolledBack(),
                relays.published(),
                deliveries.get(),
                duplicates.get(),
                transport.setAside(),
                relays.restarts(),
                writers.malformed(),
                Duration.ofNanos(System.nanoTime() - startedAt));
    }
}
