package io.outbox.quickstart;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * What happened: by the word of the database, and what the program counted beside it. The two must agree.
 *
 * @param books what the tables say
 * @param counts what the program has seen
 * @param setAside messages that the consumer gave up
 * @param elapsed from the first line read to the last charge
 */
record Report(Books books, Counts counts, long setAside, Duration elapsed) {
    private static final int LINES_SHOWN = 20;

    /** What does not add up; empty when the books balance. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        long orders = books.orders();
        expect(problems, books.lost(), 0, "orders never charged");
        expect(problems, books.chargedTwice(), 0, "orders charged twice");
        expect(problems, books.chargedWrongly(), 0, "charges without an order, or of another amount");
        expect(problems, books.outOfOrder(), 0, "charges out of their customer's order");
        expect(problems, books.left(), 0, "messages left in the outbox");
        expect(problems, setAside, 0, "messages set aside by the consumer");
        expect(problems, books.charges(), orders, "charges");
        expect(problems, books.handled(), orders, "messages in the dedup store");
        expect(problems, counts.committed.get(), orders, "orders whose commit the program saw");
        expect(problems, counts.committed.get() + counts.malformed.count(), counts.lines.get(), "lines accounted for");
        atLeast(problems, counts.published.get(), orders, "messages published");
        atLeast(problems, counts.delivered.get() - counts.duplicates.get(), orders, "first deliveries");
        return problems;
    }

    private static void expect(List<String> problems, long found, long expected, String what) {
        if (found != expected) {
            problems.add(String.format(Locale.ROOT, "%s: %,d, not %,d", what, found, expected));
        }
    }

    private static void atLeast(List<String> problems, long found, long least, String what) {
        if (found < least) {
            problems.add(String.format(Locale.ROOT, "%s: %,d, fewer than %,d", what, found, least));
        }
    }

    void print(PrintStream out) {
        out.println();
        line(out, "orders committed", books.orders());
        line(out, "rolled back", counts.rolledBack.get());
        line(out, "malformed lines", counts.malformed.count());
        line(out, "published", counts.published.get());
        line(out, "delivered", counts.delivered.get());
        line(out, "duplicates suppressed", counts.duplicates.get());
        line(out, "charged", books.charges());
        line(out, "lost", books.lost());
        line(out, "charged twice", books.chargedTwice());
        line(out, "charged wrongly", books.chargedWrongly());
        line(out, "charged out of order", books.outOfOrder());
        line(out, "left in the outbox", books.left());
        line(out, "relay restarts", counts.relayRestarts.get());
        double seconds = elapsed.toNanos() / 1e9;
        text(out, "throughput", "%,.0f orders/s over %.1f s", books.orders() / seconds, seconds);
        text(out, "placed to charged", "p50 %,.1f ms, p99 %,.1f ms", books.p50Millis(), books.p99Millis());
        printMalformed(out);
        List<String> problems = problems();
        out.println(problems.isEmpty() ? "The books balance." : "THE BOOKS DO NOT BALANCE:");
        problems.forEach(problem -> out.println("  " + problem));
    }

    private void printMalformed(PrintStream out) {
        Map<Long, String> first = counts.malformed.first();
        first.entrySet().stream()
                .limit(LINES_SHOWN)
                .forEach(entry -> out.printf(Locale.ROOT, "  line %d: %s%n", entry.getKey(), entry.getValue()));
        if (counts.malformed.count() > LINES_SHOWN) {
            out.printf(Locale.ROOT, "  and %,d more%n", counts.malformed.count() - LINES_SHOWN);
        }
    }

    private static void line(PrintStream out, String name, long value) {
        text(out, name, "%,d", value);
    }

    private static void text(PrintStream out, String name, String format, Object... values) {
        out.printf(Locale.ROOT, "%-24s %s%n", name, String.format(Locale.ROOT, format, values));
    }
}
