package io.outbox.sample.orders;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What an auditor finds who sees the tables of all three services, as none of them does.
 *
 * @param orders orders placed
 * @param confirmed those that were confirmed
 * @param withoutStock those that were rejected because there was too little stock
 * @param withoutMoney those that were rejected, and whose stock was released, because the balance was too low
 * @param undecided those that are neither
 * @param wrongReservations orders that do not have exactly the one reservation, in the state, that they should have
 * @param wrongCharges orders that do not have exactly the charge that they should have
 * @param strays reservations and charges without an order
 * @param stockMissing pieces that are neither in stock nor reserved, or are both
 * @param centsMissing cents that are neither in an account nor charged, or are both
 * @param waiting messages in the outboxes
 */
record Report(
        long orders,
        long confirmed,
        long withoutStock,
        long withoutMoney,
        long undecided,
        long wrongReservations,
        long wrongCharges,
        long strays,
        long stockMissing,
        long centsMissing,
        long waiting) {
    private static final String RESERVED = "(select count(*) from inventory.reservation r where r.order_id = o.id"
            + " and r.product = o.product and r.quantity = o.quantity and r.state = %s)";
    private static final String WRONG_RESERVATIONS = "select count(*) from orders.placed_order o where "
            + RESERVED.formatted("'RESERVED'") + " <> case state when 'CONFIRMED' then 1 else 0 end or "
            + RESERVED.formatted("'RELEASED'") + " <> case state when 'REJECTED_NO_MONEY' then 1 else 0 end";
    private static final String WRONG_CHARGES = "select count(*) from orders.placed_order o where"
            + " (select count(*) from payment.charge c where c.order_id = o.id and c.customer = o.customer"
            + " and c.cents = o.cents) <> case state when 'CONFIRMED' then 1 else 0 end";
    private static final String STRAYS = "select (select count(*) from inventory.reservation r where not exists"
            + " (select 1 from orders.placed_order o where o.id = r.order_id)) + (select count(*) from payment.charge c"
            + " where not exists (select 1 from orders.placed_order o where o.id = c.order_id))";
    private static final String STOCK_MISSING =
            "select coalesce(sum(abs(received - available - (select coalesce(sum(quantity), 0)"
                    + " from inventory.reservation r where r.product = s.product and r.state = 'RESERVED'))), 0)"
                    + " from inventory.stock s";
    private static final String CENTS_MISSING =
            "select coalesce(sum(abs(paid_in - balance - (select coalesce(sum(cents), 0)"
                    + " from payment.charge c where c.customer = a.customer))), 0) from payment.account a";

    static Report of(JdbcTemplate jdbc) {
        long waiting = 0;
        for (String service : List.of("orders", "inventory", "payment")) {
            waiting += number(jdbc, "select count(*) from " + service + ".outbox_message");
            waiting += number(jdbc, "select count(*) from " + service + ".outbox_parked");
        }
        return new Report(
                number(jdbc, "select count(*) from orders.placed_order"),
                inState(jdbc, "CONFIRMED"),
                inState(jdbc, "REJECTED_NO_STOCK"),
                inState(jdbc, "REJECTED_NO_MONEY"),
                inState(jdbc, "PLACED"),
                number(jdbc, WRONG_RESERVATIONS),
                number(jdbc, WRONG_CHARGES),
                number(jdbc, STRAYS),
                number(jdbc, STOCK_MISSING),
                number(jdbc, CENTS_MISSING),
                waiting);
    }

    private static long inState(JdbcTemplate jdbc, String state) {
        return number(jdbc, "select count(*) from orders.placed_order where state = '" + state + "'");
    }

    private static long number(JdbcTemplate jdbc, String sql) {
        return Objects.requireNonNull(jdbc.queryForObject(sql, Long.class), sql);
    }

    /** What does not add up for so many orders; empty when the figures balance. */
    List<String> problems(long placed) {
        List<String> problems = new ArrayList<>();
        expect(problems, "orders", orders, placed);
        expect(problems, "undecided", undecided, 0);
        expect(problems, "wrong reservations", wrongReservations, 0);
        expect(problems, "wrong charges", wrongCharges, 0);
        expect(problems, "strays", strays, 0);
        expect(problems, "missing stock", stockMissing, 0);
        expect(problems, "missing cents", centsMissing, 0);
        expect(problems, "waiting messages", waiting, 0);
        return problems;
    }

    private static void expect(List<String> problems, String name, long found, long expected) {
        if (found != expected) {
            problems.add(name + ": " + found + ", not " + expected);
        }
    }

    void print(PrintStream out, long placed) {
        out.printf(Locale.ROOT, "orders placed                     %,d%n", orders);
        out.printf(Locale.ROOT, "confirmed                         %,d%n", confirmed);
        out.printf(Locale.ROOT, "rejected, no stock                %,d%n", withoutStock);
        out.printf(Locale.ROOT, "rejected, no money, compensated   %,d%n", withoutMoney);
        out.printf(Locale.ROOT, "undecided                         %,d%n", undecided);
        out.printf(Locale.ROOT, "reservations missing or double    %,d%n", wrongReservations);
        out.printf(Locale.ROOT, "charges missing or double         %,d%n", wrongCharges);
        out.printf(Locale.ROOT, "stock and cents missing           %,d and %,d%n", stockMissing, centsMissing);
        List<String> problems = problems(placed);
        out.println(problems.isEmpty() ? "The figures balance." : "THE FIGURES DO NOT BALANCE: " + problems);
    }
}
