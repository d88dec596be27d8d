package io.outbox.sample.bookshop;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import javax.sql.DataSource;

/** Customers, a carrier and a stocktaking: what happens to the bookshop from outside. */
final class Demo {
    private static final List<String> BOOKS = List.of("Emma", "Hamlet", "Ulysses");
    private static final int RECEIVED = 10_000;
    private static final int CUSTOMERS = 4;
    private static final int DECLINED_EVERY = 10;
    private static final int SCANS = 3;
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_MILLIS = 50;

    private final DataSource dataSource;
    private final Orders orders;
    private final PrintStream out;

    Demo(DataSource dataSource, Orders orders, PrintStream out) {
        this.dataSource = dataSource;
        this.orders = orders;
        this.out = out;
    }

    /** Lets everything happen and returns whether the books balance in the end. */
    boolean run(int count) throws Exception {
        fillShelf();
        out.printf(Locale.ROOT, "%d customers place %,d orders ...%n", CUSTOMERS, count);
        int declined = placeAll(count);
        out.printf(Locale.ROOT, "%,d cards were declined; waiting for the parcels ...%n", declined);
        awaitSent();
        out.printf(Locale.ROOT, "the carrier scans each parcel, and reports each scan %d times ...%n", SCANS);
        deliverAll();
        Books books = awaitBalance();
        out.println();
        books.print(out);
        return books.problems().isEmpty();
    }

    void fillShelf() throws SQLException {
        try (Connection connection = dataSource.getConnection()) {
            for (String book : BOOKS) {
                Sql.update(
                        connection,
                        "insert into shelf (book, received, copies) values (?, ?, ?) on conflict do nothing",
                        book,
                        RECEIVED,
                        RECEIVED);
            }
        }
    }

    /** Several customers at once; returns how many were declined. */
    int placeAll(int count) throws Exception {
        List<Callable<Boolean>> calls = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int number = i;
            calls.add(() -> place(number));
        }
        int declined = 0;
        for (boolean placed : inParallel(calls)) {
            declined += placed ? 0 : 1;
        }
        return declined;
    }

    private boolean place(int number) throws SQLException {
        String customer = number % DECLINED_EVERY == 0 ? JdbcOrders.BANKRUPT : "c-" + number % 50;
        try {
            orders.place(customer, BOOKS.get(number % BOOKS.size()), 1 + number % 3);
            return true;
        } catch (DeclinedException e) {
            return false;
        }
    }

    /** Each scan comes several times, and at the same time. */
    void deliverAll() throws Exception {
        List<Callable<Boolean>> calls = new ArrayList<>();
        for (String order : Sql.texts(dataSource, "select id from shop_order where delivered = 0")) {
            Scan scan = new Scan("scan-" + order, order);
            for (int i = 0; i < SCANS; i++) {
                calls.add(() -> {
                    orders.delivered(scan);
                    return true;
                });
            }
        }
        inParallel(calls);
    }

    private static List<Boolean> inParallel(List<Callable<Boolean>> calls) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(CUSTOMERS);
        try {
            List<Boolean> results = new ArrayList<>();
            for (Future<Boolean> future : threads.invokeAll(calls)) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdown();
        }
    }

    /** Waits until each order is marked as sent, or nothing has come for long. */
    void awaitSent() throws SQLException, InterruptedException {
        String waiting = "select count(*) from shop_order where sent = 0";
        long before = -1;
        long since = System.nanoTime();
        for (long now = 1; now > 0 && System.nanoTime() - since < PATIENCE.toNanos(); ) {
            now = Sql.number(dataSource, waiting);
            if (now != before) {
                before = now;
                since = System.nanoTime();
            }
            Thread.sleep(LOOK_MILLIS);
        }
    }

    /** The last messages are deleted from the outbox a moment after they have arrived. */
    private Books awaitBalance() throws SQLException, InterruptedException {
        long start = System.nanoTime();
        Books books = Books.of(dataSource);
        while (books.waiting() > 0 && System.nanoTime() - start < PATIENCE.toNanos()) {
            Thread.sleep(LOOK_MILLIS);
            books = Books.of(dataSource);
        }
        return books;
    }
}
