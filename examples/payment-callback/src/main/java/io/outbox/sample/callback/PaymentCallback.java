package io.outbox.sample.callback;

import java.io.PrintStream;
import java.util.Arrays;

/** Runs the sample: as a demonstration that ends with a report, or as a service. */
public final class PaymentCallback {
    private static final int PAYMENTS = 200;
    private static final String USAGE = """
            usage: scripts/sample payment-callback [serve] [Spring Boot's options]
              serve                             run the service, with --provider.url=... where the provider's list is;
                                                by default a demonstration with a simulated provider runs
              --spring.datasource.url=URL       MariaDB or PostgreSQL; and --spring.datasource.username, .password
              --spring.rabbitmq.addresses=URI   for example amqp://guest:guest@localhost:5672
            Or by the environment: SPRING_DATASOURCE_URL and so on. The demonstration starts servers that are not given,
            for the run; given ones should be empty.
            """;

    private PaymentCallback() {}

    /**
     * Runs the sample. The demonstration exits with 0 when the figures balance, otherwise with 1.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String... arguments) {
        if (arguments.length > 0 && arguments[0].equals("serve")) {
            CallbackApplication.main(Arrays.copyOfRange(arguments, 1, arguments.length));
        } else {
            System.exit(run(System.out, PAYMENTS, arguments));
        }
    }

    static int run(PrintStream out, int payments, String... arguments) {
        if (Arrays.asList(arguments).contains("--help")) {
            out.print(USAGE);
            return 0;
        }
        try {
            return Demo.run(out, payments, arguments) ? 0 : 1;
        } catch (Exception e) {
            out.println("payment-callback: failed: " + e);
            return 1;
        }
    }
}
