package io.outbox.sample.callback;

import io.outbox.testkit.servers.MariaDbServer;
import io.outbox.testkit.servers.TestServers;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** Customers pay, the provider notifies, and in the end everything is booked once. */
final class Demo {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_MILLIS = 100;

    private Demo() {}

    /** Returns whether the figures balance in the end. */
    static boolean run(PrintStream out, int count, String... options) throws Exception {
        try (Provider provider = new Provider()) {
            List<String> arguments = new ArrayList<>(List.of("--server.port=0", "--provider.url=" + provider.url()));
            arguments.addAll(List.of(options));
            addServers(arguments, out);
            try (ConfigurableApplicationContext service =
                    SpringApplication.run(CallbackApplication.class, arguments.toArray(String[]::new))) {
                provider.notifying(
                        "http://127.0.0.1:" + service.getEnvironment().getProperty("local.server.port"));
                JdbcTemplate jdbc = service.getBean(JdbcTemplate.class);
                out.printf(
                        Locale.ROOT,
                        "customers pay %,d invoices; of some payments the provider notifies twice, late or never ...%n",
                        count);
                pay(jdbc, provider, count);
                Report report = awaitBalance(jdbc, provider);
                out.println();
                report.print(out);
                return report.problems().isEmpty();
            }
        }
    }

    /** Starts servers for what the usual settings do not name. */
    private static void addServers(List<String> arguments, PrintStream out) {
        if (isMissing(arguments, "spring.datasource.url")) {
            out.println("starting MariaDB ...");
            MariaDbServer mariadb = TestServers.mariadb();
            arguments.add("--spring.datasource.url=" + mariadb.createDatabase().jdbcUrl());
            arguments.add("--spring.datasource.username=" + mariadb.user());
            arguments.add("--spring.datasource.password=" + mariadb.password());
        }
        if (isMissing(arguments, "spring.rabbitmq.addresses") && isMissing(arguments, "spring.rabbitmq.host")) {
            out.println("starting RabbitMQ ...");
            arguments.add("--spring.rabbitmq.addresses=" + TestServers.rabbit().uri());
        }
    }

    private static boolean isMissing(List<String> arguments, String setting) {
        String variable = setting.replace('.', '_').toUpperCase(Locale.ROOT);
        return arguments.stream().noneMatch(argument -> argument.startsWith("--" + setting + "="))
                && System.getenv(variable) == null;
    }

    static void pay(JdbcTemplate jdbc, Provider provider, int count) {
        for (int i = 1; i <= count; i++) {
            String invoice = UUID.randomUUID().toString();
            long cents = 100L * i;
            jdbc.update("insert into invoice (id, due_cents) values (?, ?)", invoice, cents);
            provider.pay(invoice, cents);
        }
    }

    private static Report awaitBalance(JdbcTemplate jdbc, Provider provider) throws InterruptedException {
        long start = System.nanoTime();
        Report report = Report.of(jdbc, provider);
        while (!report.problems().isEmpty() && System.nanoTime() - start < PATIENCE.toNanos()) {
            Thread.sleep(LOOK_MILLIS);
            report = Report.of(jdbc, provider);
        }
        return report;
    }
}
