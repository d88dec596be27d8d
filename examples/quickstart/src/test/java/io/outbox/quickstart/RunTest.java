package io.outbox.quickstart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.STRING;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.TypedHandlers;
import io.outbox.spi.Publisher;
import io.outbox.testkit.InProcessBroker;
import io.outbox.testkit.InProcessConsumer;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.time.Duration;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The report must notice what goes wrong, or its zeros mean nothing. */
class RunTest {
    private Database database;

    @BeforeEach
    void createDatabase() throws Exception {
        database = Database.h2();
    }

    @AfterEach
    void dropDatabase() throws Exception {
        database.close();
    }

    private Report run(Transport transport) throws Exception {
        StringBuilder orders = new StringBuilder();
        OrdersGenerator generator = new OrdersGenerator();
        for (int number = 1; number <= 100; number++) {
            orders.append(generator.next(number)).append('\n');
        }
        try (transport) {
            PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
            return new Run(database, transport, false, Duration.ofMillis(500), nowhere)
                    .run(new ByteArrayInputStream(orders.toString().getBytes(StandardCharsets.UTF_8)));
        }
    }

    private Report afterwards(Report before, String sql) throws Exception {
        database.execute(sql.replace("{schema}", database.schema));
        return new Report(Books.of(database), before.counts(), before.setAside(), before.elapsed());
    }

    @Test
    void report_ofAnOrdinaryRun_balances() throws Exception {
        Report report = run(new InProcessTransport(false));

        assertThat(report.problems()).isEmpty();
        assertThat(report.books().p50Millis()).isPositive();
        assertThat(report.books().p99Millis())
                .isGreaterThanOrEqualTo(report.books().p50Millis());
    }

    @Test
    void report_ofALostMessage_tellsOfIt() throws Exception {
        Report report = run(new Careless(message -> message.equals("o-00050"), false));

        assertThat(report.books().lost()).isEqualTo(1);
        assertThat(report.problems()).contains("orders never charged: 1, not 0", "charges: 99, not 100");
    }

    @Test
    void report_ofAConsumerWithoutDedup_tellsOfChargesTwice() throws Exception {
        Report report = run(new Careless(message -> false, true));

        assertThat(report.books().chargedTwice()).isEqualTo(100);
        assertThat(report.problems()).contains("orders charged twice: 100, not 0");
    }

    @Test
    void report_ofTamperedTables_tellsOfIt() throws Exception {
        Report report = run(new InProcessTransport(false));

        assertThat(afterwards(report, "update {schema}.billing_charge set amount_cents = 1 where order_id = 'o-00007'")
                        .problems())
                .containsExactly("charges without an order, or of another amount: 1, not 0");
    }

    @Test
    void report_ofChargesOutOfOrder_tellsOfIt() throws Exception {
        Report report = run(new InProcessTransport(false));

        assertThat(afterwards(report, "update {schema}.shop_order set customer = 'one', order_no = 1000 - order_no")
                        .problems())
                .singleElement(STRING)
                .startsWith("charges out of their customer's order: ");
    }

    /** A transport with a consumer that loses messages, or ignores what the dedup store says. */
    private static final class Careless implements Transport {
        private final InProcessBroker broker = InProcessBroker.create();
        private final Predicate<String> loses;
        private final boolean twice;

        Careless(Predicate<String> loses, boolean twice) {
            this.loses = loses;
            this.twice = twice;
        }

        @Override
        public String topic() {
            return "orders";
        }

        @Override
        public Publisher publisher() {
            return broker.publisher();
        }

        @Override
        public void consume(IdempotentConsumer<Connection> consumer, TypedHandlers<Connection> handlers) {
            InProcessConsumer.Handler handler = message -> {
                if (!loses.test(new String(message.payload(), StandardCharsets.UTF_8).substring(7, 14))) {
                    consumer.handle(message, (transaction, received) -> {
                        handlers.handle(transaction, received);
                        if (twice) {
                            handlers.handle(transaction, received);
                        }
                    });
                }
            };
            broker.subscribe(topic(), consumer.group(), handler);
        }

        @Override
        public void redeliver() {}

        @Override
        public boolean isDrained() {
            return broker.waiting(topic(), Billing.GROUP) == 0;
        }

        @Override
        public long setAside() {
            return 0;
        }

        @Override
        public void close() {
            broker.close();
        }
    }
}
