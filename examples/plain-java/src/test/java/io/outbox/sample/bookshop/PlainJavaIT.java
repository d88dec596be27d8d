package io.outbox.sample.bookshop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.outbox.testkit.servers.PostgresServer;
import io.outbox.testkit.servers.RabbitServer;
import io.outbox.testkit.servers.TestServers;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The sample on a real PostgreSQL and a real RabbitMQ. */
@Timeout(120)
class PlainJavaIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final PrintStream print = new PrintStream(out, true, StandardCharsets.UTF_8);

    @Test
    void demo_endsWithBooksThatBalance() {
        int exitCode = PlainJava.run(print, "--orders", "100");

        assertThat(out.toString(StandardCharsets.UTF_8))
                .contains("parcels sent             90\n", "anything done twice      0\n", "The books balance.");
        assertThat(exitCode).isZero();
    }

    /** Two processes with relay and consumers; customers and carrier here. */
    @Test
    void killedProcesses_aKilledBrokerAndAKilledDatabase_loseNothing_andDoNothingTwice() throws Exception {
        try (PostgresServer postgres = TestServers.newPostgres();
                RabbitServer rabbit = TestServers.newRabbit(Map.of())) {
            String[] options = {
                "--postgresql",
                postgres.jdbcUrl(),
                "--user",
                postgres.user(),
                "--password",
                postgres.password(),
                "--rabbitmq",
                rabbit.uri().toString()
            };
            try (Servers servers = Servers.of(Settings.parse(options));
                    Bookshop counter = new Bookshop(servers.dataSource(), servers.rabbit());
                    ServiceProcess first = ServiceProcess.start("first", options);
                    ServiceProcess second = ServiceProcess.start("second", options)) {
                Demo demo = new Demo(servers.dataSource(), counter.orders(), print);
                demo.fillShelf();
                whileOrdersCome(demo, servers, first::kill);
                whileOrdersCome(demo, servers, rabbit::kill);
                rabbit.start();
                try (ServiceProcess third = ServiceProcess.start("third", options)) {
                    await().atMost(LIMIT).until(third::isOpen);
                    demo.placeAll(600);
                    postgres.kill();
                    postgres.start();
                    servers.dataSource().getHikariPoolMXBean().softEvictConnections(); // they have died
                    second.kill();
                    demo.awaitSent();
                    assertThat(third.isOpen()).isTrue();
                    demo.deliverAll();
                    await().atMost(LIMIT)
                            .untilAsserted(() -> assertThat(
                                            Books.of(servers.dataSource()).problems())
                                    .isEmpty());
                }
                assertThat(Books.of(servers.dataSource()).orders()).isEqualTo(1620);
            }
        }
    }

    /** Strikes when some of 600 orders have been sent and others have not. */
    private static void whileOrdersCome(Demo demo, Servers servers, Strike strike) throws Exception {
        long before = parcels(servers);
        FutureTask<Integer> customers = new FutureTask<>(() -> demo.placeAll(600));
        new Thread(customers, "customers").start();
        await().atMost(LIMIT).until(() -> parcels(servers) > before + 50);
        strike.run();
        customers.get();
    }

    private interface Strike {
        void run() throws Exception;
    }

    private static long parcels(Servers servers) throws SQLException {
        return Sql.number(servers.dataSource(), "select count(*) from parcel");
    }
}
