package io.outbox.sample.callback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.testkit.servers.MariaDbServer;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestDatabase;
import io.outbox.testkit.servers.TestServers;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.springframework.jdbc.core.JdbcTemplate;

/** The sample on real databases and a real RabbitMQ. */
@Timeout(150)
class PaymentCallbackIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    /** On the other database than the one that the demonstration starts by itself. */
    @Test
    void demo_onPostgreSql_endsWithFiguresThatBalance() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (TestDatabase database = TestServers.postgres().createDatabase()) {
            int exitCode = PaymentCallback.run(
                    new PrintStream(out, true, StandardCharsets.UTF_8),
                    50,
                    "--spring.datasource.url=" + database.jdbcUrl(),
                    "--spring.datasource.username=" + database.user(),
                    "--spring.datasource.password=" + database.password());

            assertThat(out.toString(StandardCharsets.UTF_8))
                    .contains("booked twice               0\n", "The figures balance.");
            assertThat(exitCode).isZero();
        }
    }

    /** Two instances of the service as processes, between which the provider's notifications alternate. */
    @Test
    void killedInstances_aKilledBrokerAndAKilledDatabase_loseNoPayment_andBookNoneTwice() throws Exception {
        try (MariaDbServer mariadb = TestServers.newMariadb(Map.of());
                RabbitServer rabbit = TestServers.newRabbit(Map.of());
                Provider provider = new Provider()) {
            TestDatabase database = mariadb.createDatabase();
            JdbcTemplate jdbc = new JdbcTemplate(database.dataSource());
            List<String> options = List.of(
                    "--provider.url=" + provider.url(),
                    "--spring.datasource.url=" + database.jdbcUrl(),
                    "--spring.datasource.username=" + database.user(),
                    "--spring.datasource.password=" + database.password(),
                    "--spring.rabbitmq.addresses=" + rabbit.uri());
            try (ServiceProcess first = ServiceProcess.start(ServiceProcess.freePort(), options);
                    ServiceProcess second = ServiceProcess.start(ServiceProcess.freePort(), options)) {
                await().atMost(LIMIT).until(() -> first.answers() && second.answers());
                provider.notifying(first.url(), second.url());

                payAndAwaitSome(jdbc, provider);
                first.kill();
                payAndAwaitSome(jdbc, provider);
                rabbit.kill();
                rabbit.start();
                payAndAwaitSome(jdbc, provider);
                mariadb.kill();
                mariadb.start();
                payAndAwaitSome(jdbc, provider);
                second.kill();
                try (ServiceProcess third = ServiceProcess.start(first.port(), options)) {
                    await().atMost(LIMIT).until(third::answers);
                    await().atMost(LIMIT)
                            .untilAsserted(
                                    () -> assertThat(Report.of(jdbc, provider).problems())
                                            .isEmpty());
                }
            }
            assertThat(Report.of(jdbc, provider).reconciled()).isPositive();
        }
    }

    /** Something is booked, and something still comes. */
    private static void payAndAwaitSome(JdbcTemplate jdbc, Provider provider) {
        Demo.pay(jdbc, provider, 150);
        await().atMost(LIMIT)
                .until(() ->
                        Report.of(jdbc, provider).booked() > provider.payments().size() - 140);
    }
}
