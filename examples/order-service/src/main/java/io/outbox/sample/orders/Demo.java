package io.outbox.sample.orders;

import io.outbox.testkit.servers.PostgresServer;
import io.outbox.testkit.servers.TestServers;
import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.JdbcTemplate;

/** The three services in this JVM, and customers who place orders. */
final class Demo {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final long LOOK_MILLIS = 100;

    private Demo() {}

    /** Returns whether the figures balance in the end. */
    static boolean run(PrintStream out, int count, String... options) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(options));
        arguments.add("--server.port=0");
        addServers(arguments, out);
        out.println("starting the services ...");
        try (ConfigurableApplicationContext payment = Service.PAYMENT.start(arguments);
                ConfigurableApplicationContext inventory = Service.INVENTORY.start(arguments);
                ConfigurableApplicationContext order = Service.ORDER.start(arguments)) {
            JdbcTemplate auditor = order.getBean(JdbcTemplate.class);
            long before = Report.of(auditor).orders();
            Customers.prepare(auditor);
            out.printf(Locale.ROOT, "customers place %,d orders, and ask for each twice ...%n", count);
            new Customers("http://127.0.0.1:" + order.getEnvironment().getProperty("local.server.port")).place(count);
            Report report = awaitBalance(auditor, before + count);
            out.println();
            report.print(out, before + count);
            return payment.isRunning()
                    && inventory.isRunning()
                    && report.problems(before + count).isEmpty();
        }
    }

    /** Starts servers for what the usual settings do not name. */
    private static void addServers(List<String> arguments, PrintStream out) {
        if (isMissing(arguments, "spring.datasource.url")) {
            out.println("starting PostgreSQL ...");
            PostgresServer postgres = TestServers.postgres();
            arguments.add("--spring.datasource.url=" + postgres.createDatabase().jdbcUrl());
            arguments.add("--spring.datasource.username=" + postgres.user());
            arguments.add("--spring.datasource.password=" + postgres.password());
        }
        if (isMissing(arguments, "spring.kafka.bootstrap-servers")) {
            out.println("starting Kafka ...");
            arguments.add(
                    "--spring.kafka.bootstrap-servers=" + TestServers.kafka().bootstrapServers());
        }
    }

    private static boolean isMissing(List<String> arguments, String setting) {
        String variable = setting.replace('.', '_').replace("-", "").toUpperCase(Locale.ROOT);
        return arguments.stream().noneMatch(argument -> argument.startsWith("--" + setting + "="))
                && System.getenv(variable) == null;
    }

    private static Report awaitBalance(JdbcTemplate auditor, long placed) throws InterruptedException {
        long start = System.nanoTime();
        Report report = Report.of(auditor);
        while (!report.problems(placed).isEmpty() && System.nanoTime() - start < PATIENCE.toNanos()) {
            Thread.sleep(LOOK_MILLIS);
            report = Report.of(auditor);
        }
        return report;
    }
}
