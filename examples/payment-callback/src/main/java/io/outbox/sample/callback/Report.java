package io.outbox.sample.callback;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import org.springframework.jdbc.core.JdbcTemplate;

/**
 * What the database says, beside what the provider says.
 *
 * @param payments at the provider
 * @param cents at the provider
 * @param sent notifications that the provider sent
 * @param stored notifications stored
 * @param reconciled those of them that reconciliation found
 * @param booked payments booked
 * @param bookedCents what was booked
 * @param lost invoices that are not paid
 * @param twice invoices that were paid more than once, or more than was due
 * @param waiting messages in the outbox
 * @param answerTimes of notifications, the shortest first
 */
record Report(
        long payments,
        long cents,
        long sent,
        long stored,
        long reconciled,
        long booked,
        long bookedCents,
        long lost,
        long twice,
        long waiting,
        List<Duration> answerTimes) {
    static Report of(JdbcTemplate jdbc, Provider provider) {
        List<Payment> payments = provider.payments();
        return new Report(
                payments.size(),
                payments.stream().mapToLong(Payment::cents).sum(),
                provider.sent(),
                number(jdbc, "select count(*) from notification"),
                number(jdbc, "select count(*) from notification where source = 'RECONCILIATION'"),
                number(jdbc, "select coalesce(sum(payments), 0) from invoice"),
                number(jdbc, "select coalesce(sum(paid_cents), 0) from invoice"),
                number(jdbc, "select count(*) from invoice where paid_cents < due_cents"),
                number(jdbc, "select count(*) from invoice where payments > 1 or paid_cents > due_cents"),
                number(jdbc, "select count(*) from outbox_message")
                        + number(jdbc, "select count(*) from outbox_parked"),
                provider.answerTimes());
    }

    private static long number(JdbcTemplate jdbc, String sql) {
        return Objects.requireNonNull(jdbc.queryForObject(sql, Long.class), sql);
    }

    /** What does not add up; empty when the figures balance. */
    List<String> problems() {
        List<String> problems = new ArrayList<>();
        expect(problems, "stored", stored, payments);
        expect(problems, "booked", booked, payments);
        expect(problems, "booked cents", bookedCents, cents);
        expect(problems, "lost", lost, 0);
        expect(problems, "twice", twice, 0);
        expect(problems, "waiting messages", waiting, 0);
        return problems;
    }

    private static void expect(List<String> problems, String name, long found, long expected) {
        if (found != expected) {
            problems.add(name + ": " + found + ", not " + expected);
        }
    }

    void print(PrintStream out) {
        out.printf(Locale.ROOT, "payments at the provider   %,d, %,d cents%n", payments, cents);
        out.printf(Locale.ROOT, "notifications sent         %,d%n", sent);
        out.printf(Locale.ROOT, "stored                     %,d, of them by reconciliation %,d%n", stored, reconciled);
        out.printf(Locale.ROOT, "booked                     %,d, %,d cents%n", booked, bookedCents);
        out.printf(Locale.ROOT, "lost                       %,d%n", lost);
        out.printf(Locale.ROOT, "booked twice               %,d%n", twice);
        out.printf(Locale.ROOT, "answered within            %d ms (half), %d ms (99 %%)%n", millis(50), millis(99));
        List<String> problems = problems();
        out.println(problems.isEmpty() ? "The figures balance." : "THE FIGURES DO NOT BALANCE: " + problems);
    }

    private long millis(int percent) {
        return answerTimes.isEmpty()
                ? 0
                : answerTimes.get((answerTimes.size() - 1) * percent / 100).toMillis();
    }
}
