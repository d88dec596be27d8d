package io.outbox.sample.bookshop;

import java.io.PrintStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import javax.sql.DataSource;

/**
 * The figures, by the word of the database.
 *
 * @param orders orders placed
 * @param parcels parcels sent
 * @param lost orders that were not sent, not marked as sent, or not delivered
 * @param twice orders sent, marked or delivered more than once
 * @param strays parcels that nobody ordered, or with other contents
 * @param missing books that are neither on the shelf nor in a parcel, or are in both
 * @param waiting messages in the outbox
 */
record Books(long orders, long parcels, long lost, long twice, long strays, long missing, long waiting) {
    static Books of(DataSource dataSource) throws SQLException {
        return new Books(
                Sql.number(dataSource, "select count(*) from shop_order"),
                Sql.number(dataSource, "select count(*) from parcel"),
                Sql.number(
                        dataSource,
                        "select count(*) from shop_order where sent = 0 or delivered = 0"
                                + " or not exists (select 1 from parcel where order_id = id)"),
                Sql.number(
                        dataSource,
                        "select count(*) from shop_order where sent > 1 or delivered > 1"
                                + " or (select count(*) from parcel where order_id = id) > 1"),
                Sql.number(
                        dataSource,
                        "select count(*) from parcel p where not exists (select 1 from shop_order o"
                                + " where o.id = p.order_id and o.book = p.book and o.copies = p.copies)"),
                Sql.number(
                        dataSource,
                        "select coalesce(sum(abs(received - copies - (select coalesce(sum(copies), 0)"
                                + " from parcel where parcel.book = shelf.book))), 0) from shelf"),
                Sql.number(dataSource, "select count(*) from outbox_message")
                        + Sql.number(dataSource, "select count(*) from outbox_parked"));
    }

    /** What does not add up; empty when the books balance. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        expect(problems, "parcels", parcels, orders);
        expect(problems, "lost", lost, 0);
        expect(problems, "twice", twice, 0);
        expect(problems, "strays", strays, 0);
        expect(problems, "missing books", missing, 0);
        expect(problems, "waiting messages", waiting, 0);
        return problems;
    }

    private static void expect(List<String> problems, String name, long found, long expected) {
        if (found != expected) {
            problems.add(name + ": " + found + ", not " + expected);
        }
    }

    void print(PrintStream out) {
        out.printf(Locale.ROOT, "orders placed            %,d%n", orders);
        out.printf(Locale.ROOT, "parcels sent             %,d%n", parcels);
        out.printf(Locale.ROOT, "orders lost              %,d%n", lost);
        out.printf(Locale.ROOT, "anything done twice      %,d%n", twice);
        out.printf(Locale.ROOT, "books missing            %,d%n", missing);
        List<String> problems = problems();
        out.println(problems.isEmpty() ? "The books balance." : "THE BOOKS DO NOT BALANCE: " + problems);
    }
}
