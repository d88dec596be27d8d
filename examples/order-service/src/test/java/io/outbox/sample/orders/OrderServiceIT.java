package io.outbox.sample.orders;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.testkit.servers.KafkaServer;
import io.outbox.testkit.servers.PostgresServer;
import io.outbox.testkit.servers.TestServers;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.JdbcTemplate;

/** The sample on a real PostgreSQL and a real Kafka. */
@Timeout(180)
class OrderServiceIT {
    private static final Duration LIMIT = Duration.ofSeconds(90);

    @Test
    void demo_endsWithFiguresThatBalance() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();

        int exitCode = OrderService.run(new PrintStream(out, true, StandardCharsets.UTF_8), 60);

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("orders placed                     60\n", "The figures balance.");
        assertThat(exitCode).isZero();
    }

    /** The services are processes; customers who see no answer ask again. */
    @Test
    void killedServices_andAKilledBroker_leaveEachOrderConfirmedOrCompensated_once() throws Exception {
        try (PostgresServer postgres = TestServers.newPostgres();
                KafkaServer kafka = TestServers.newKafka()) {
            JdbcTemplate auditor = new JdbcTemplate(postgres.dataSource());
            List<String> options = List.of(
                    "--spring.datasource.url=" + postgres.jdbcUrl(),
                    "--spring.datasource.username=" + postgres.user(),
                    "--spring.datasource.password=" + postgres.password(),
                    "--spring.kafka.bootstrap-servers=" + kafka.bootstrapServers());
            try (ServiceProcess order = ServiceProcess.start(Service.ORDER, options);
                    ServiceProcess inventory = ServiceProcess.start(Service.INVENTORY, options);
                    ServiceProcess payment = ServiceProcess.start(Service.PAYMENT, options)) {
                await().atMost(LIMIT).until(order::answers);
                await().atMost(LIMIT).ignoreExceptions().untilAsserted(() -> Customers.prepare(auditor));
                Customers customers = new Customers("http://127.0.0.1:" + order.port());

                FutureTask<Void> placing = place(customers, 150);
                awaitDecided(auditor, 20);
                inventory.kill();
                order.kill();
                try (ServiceProcess orderAgain = order.again();
                        ServiceProcess inventoryAgain = inventory.again()) {
                    placing.get();
                    placing = place(customers, 150);
                    awaitDecided(auditor, 160);
                    payment.kill();
                    kafka.kill();
                    kafka.start();
                    try (ServiceProcess paymentAgain = payment.again()) {
                        placing.get();
                        await().atMost(LIMIT)
                                .untilAsserted(
                                        () -> assertThat(Report.of(auditor).problems(300))
                                                .isEmpty());
                        assertThat(List.of(orderAgain, inventoryAgain, paymentAgain))
                                .allMatch(service -> service.process().isAlive());
                    }
                }
            }
            Report report = Report.of(auditor);
            assertThat(report.confirmed()).isPositive();
            assertThat(report.withoutStock()).isPositive();
            assertThat(report.withoutMoney()).isPositive();
        }
    }

    private static FutureTask<Void> place(Customers customers, int count) {
        FutureTask<Void> placing = new FutureTask<>(() -> {
            customers.place(count);
            return null;
        });
        new Thread(placing, "customers").start();
        return placing;
    }

    private static void awaitDecided(JdbcTemplate auditor, int count) {
        await().atMost(LIMIT).until(() -> {
            Report report = Report.of(auditor);
            return report.orders() - report.undecided() >= count;
        });
    }
}
