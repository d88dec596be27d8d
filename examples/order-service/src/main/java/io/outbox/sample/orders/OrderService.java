package io.outbox.sample.orders;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;

/** Runs the sample: as a demonstration that ends with a report, or one of its services. */
public final class OrderService {
    private static final int ORDERS = 200;
    private static final String USAGE = """
            usage: scripts/sample order-service [order|inventory|payment] [Spring Boot's options]
              order, inventory, payment               run one service; by default a demonstration with all three in one JVM
              --spring.datasource.url=URL             PostgreSQL; and --spring.datasource.username, .password
              --spring.kafka.bootstrap-servers=LIST   for example localhost:9092
              --server.port=N                         of the order service: POST /orders with an Idempotency-Key
            Or by the environment: SPRING_DATASOURCE_URL and so on. The demonstration starts servers that are not given, for
            the run. The services make schemas orders, inventory and payment, and topics orders, stock and payments.
            """;

    private OrderService() {}

    /**
     * Runs the sample. The demonstration exits with 0 when the figures balance, otherwise with 1.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String... arguments) {
        for (Service service : Service.values()) {
            if (arguments.length > 0 && arguments[0].equals(service.profile())) {
                service.start(List.of(arguments).subList(1, arguments.length));
                return;
            }
        }
        System.exit(run(System.out, ORDERS, arguments));
    }

    static int run(PrintStream out, int orders, String... arguments) {
        if (Arrays.asList(arguments).contains("--help")) {
            out.print(USAGE);
            return 0;
        }
        try {
            return Demo.run(out, orders, arguments) ? 0 : 1;
        } catch (Exception e) {
            out.println("order-service: failed: " + e);
            return 1;
        }
    }
}
