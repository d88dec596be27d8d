package io.outbox.quickstart;

import java.io.PrintStream;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;

/**
 * What happened, by the word of the database. The counters of the program must agree with it.
 *
 * @param orders orders committed, counted in the order service's table
 * @param charges charges, counted in billing's table
 * @param lost orders that were never charged
 * @param chargedTwice orders that were charged more than once
 * @param invented charges without an order, or of another amount
 * @param waiting messages still in the outbox, dead letters among them
 */
record Report(
        long orders,
        long charges,
        long lost,
        long chargedTwice,
        long invented,
        long waiting,
        List<Long> latencies,
        Counters counters) {
    private static final int LINES_SHOWN = 20;

    /** What the program counted while it ran. */
    record Counters(
            long committed,
            long rolledBack,
            long published,
            long delivered,
            long duplicates,
            long setAside,
            long relayRestarts,
            SortedMap<Long, String> malformed,
            Duration elapsed) {}

    static Report of(Database database, Counters counters) throws SQLException {
        String order = database.schema + ".shop_order";
        String charge = database.schema + ".billing_charge";
        String outbox = database.schema + "." + database.names.prefix();
        try (Connection connection = database.dataSource.getConnection()) {
            return new Report(
                    count(connection, "select count(*) from " + order),
                    count(connection, "select count(*) from " + charge),
                    count(
                            connection,
                            "select count(*) from " + order + " o where not exists (select 1 from " + charge
                                    + " c where c.order_id = o.id)"),
                    count(
                            connection,
                            "select count(*) from (select order_id from " + charge
                                    + " group by order_id having count(*) > 1) twice"),
                    count(
                            connection,
                            "select count(*) from " + charge + " c where not exists (select 1 from " + order
                                    + " o where o.id = c.order_id and o.amount_cents = c.amount_cents"
                                    + " and o.currency = c.currency)"),
                    count(connection, "select count(*) from " + outbox + "message")
                            + count(connection, "select count(*) from " + outbox + "parked"),
                    latencies(
                            connection,
                            "select o.placed_at, c.charged_at from " + order + " o join " + charge
                                    + " c on c.order_id = o.id"),
                    counters);
        }
    }

    /** Whether every order has a charge and no message waits any more. */
    static boolean isSettled(Database database) throws SQLException {
        String outbox = database.schema + "." + database.names.prefix();
        try (Connection connection = database.dataSource.getConnection()) {
            return count(connection, "select count(*) from " + outbox + "message") == 0
                    && count(connection, "select count(*) from " + database.schema + ".shop_order")
                            <= count(
                                    connection,
                                    "select count(distinct order_id) from " + database.schema + ".billing_charge");
        }
    }

    private static long count(Connection connection, String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getLong(1);
        }
    }

    private static List<Long> latencies(Connection connection, String sql) throws SQLException {
        List<Long> micros = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            while (row.next()) {
                micros.add(Duration.between(
                                        row.getTimestamp(1).toInstant(), row.getTimestamp(2).toInstant())
                                .toNanos()
                        / 1000);
            }
        }
        Collections.sort(micros);
        return micros;
    }

    /** Whether every committed order was charged once and nothing else happened. */
    boolean isBalanced() {
        return lost == 0
                && chargedTwice == 0
                && invented == 0
                && waiting == 0
                && orders == charges
                && orders == counters.committed
                && counters.delivered - counters.duplicates >= orders
                && counters.setAside == 0;
    }

    void print(PrintStream out) {
        line(out, "orders committed", orders);
        line(out, "rolled back", counters.rolledBack);
        line(out, "malformed lines", counters.malformed.size());
        line(out, "published", counters.published);
        line(out, "delivered", counters.delivered);
        line(out, "duplicates suppressed", counters.duplicates);
        line(out, "charged", charges);
        line(out, "lost", lost);
        line(out, "charged twice", chargedTwice);
        line(out, "charged wrongly", invented);
        line(out, "still in the outbox", waiting);
        line(out, "relay restarts", counters.relayRestarts);
        double seconds = counters.elapsed.toNanos() / 1e9;
        out.printf(Locale.ROOT, "%-24s %,.0f orders/s in %.1f s%n", "throughput", orders / seconds, seconds);
        out.printf(
                Locale.ROOT, "%-24s p50 %.1f ms, p99 %.1f ms%n", "order to charge", percentile(50), percentile(99));
        counters.malformed.entrySet().stream()
                .limit(LINES_SHOWN)
                .forEach(entry -> out.printf("  line %d: %s%n", entry.getKey(), entry.getValue()));
        if (counters.malformed.size() > LINES_SHOWN) {
            out.printf("  and %d more%n", counters.malformed.size() - LINES_SHOWN);
        }
        out.println(isBalanced() ? "The books balance." : "THE BOOKS DO NOT BALANCE.");
    }

    private static void line(PrintStream out, String name, long value) {
        out.printf(Locale.ROOT, "%-24s %,d%n", name, value);
    }

    private double percentile(int percent) {
        return latencies.isEmpty() ? 0 : latencies.get((latencies.size() - 1) * percent / 100) / 1000.0;
    }
}
