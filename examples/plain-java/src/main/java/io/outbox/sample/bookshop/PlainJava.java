package io.outbox.sample.bookshop;

import java.io.PrintStream;

/** Runs the bookshop: as a demonstration that ends with a report, or as a service. */
public final class PlainJava {
    private static final int BALANCES = 0;
    private static final int FAILED = 1;
    private static final int WRONG_ARGUMENTS = 2;

    private PlainJava() {}

    /**
     * Runs the sample and exits with 0 when the books balance, 1 when they do not, 2 when it was called wrongly.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String... arguments) {
        System.exit(run(System.out, arguments));
    }

    static int run(PrintStream out, String... arguments) {
        Settings settings;
        try {
            settings = Settings.parse(arguments);
        } catch (IllegalArgumentException e) {
            out.println("plain-java: " + e.getMessage());
            out.print(Settings.USAGE);
            return WRONG_ARGUMENTS;
        }
        if (settings.isHelp()) {
            out.print(Settings.USAGE);
            return BALANCES;
        }
        out.println("connecting to PostgreSQL and RabbitMQ, or starting them ...");
        try (Servers servers = Servers.of(settings);
                Bookshop bookshop = new Bookshop(servers.dataSource(), servers.rabbit())) {
            bookshop.start();
            if (settings.isService()) {
                out.println("the bookshop is open");
                Runtime.getRuntime().addShutdownHook(new Thread(bookshop::close, "bookshop-close"));
                Thread.currentThread().join();
            }
            return new Demo(servers.dataSource(), bookshop.orders(), out).run(settings.orders()) ? BALANCES : FAILED;
        } catch (Exception e) {
            out.println("plain-java: failed: " + e);
            return FAILED;
        }
    }
}
