package io.outbox.quickstart;

import java.io.FileInputStream;
import java.io.FileNotFoundException;
import java.io.InputStream;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Objects;

/** The main job of the library, whole: write orders with their messages, relay them, charge each order exactly once. */
public final class Quickstart {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int BALANCES = 0;
    private static final int FAILED = 1;
    private static final int WRONG_ARGUMENTS = 2;

    private Quickstart() {}

    /**
     * Runs the quickstart and exits with 0 when the books balance, 1 when they do not, 2 when it was called wrongly.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String... arguments) {
        System.exit(run(System.out, System.err, arguments));
    }

    static int run(PrintStream out, PrintStream err, String... arguments) {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            err.println("quickstart: " + e.getMessage());
            err.print(Options.USAGE);
            return WRONG_ARGUMENTS;
        }
        if (options.help()) {
            out.print(Options.USAGE);
            return BALANCES;
        }
        try (InputStream orders = orders(options)) {
            return run(out, orders, Servers.startedFor(options, out)) ? BALANCES : FAILED;
        } catch (FileNotFoundException e) {
            err.println("quickstart: cannot read the orders: " + e.getMessage());
            return WRONG_ARGUMENTS;
        } catch (Exception e) {
            err.println("quickstart: failed: " + e);
            return FAILED;
        }
    }

    private static boolean run(PrintStream out, InputStream orders, Options options) throws Exception {
        try (Database database = Servers.database(options);
                Transport transport = Servers.transport(options)) {
            Report report = new Run(database, transport, options.chaos(), PATIENCE, out).run(orders);
            report.print(out);
            return report.problems().isEmpty();
        }
    }

    private static InputStream orders(Options options) throws FileNotFoundException {
        String file = options.orders();
        if (file == null) {
            return Objects.requireNonNull(Quickstart.class.getResourceAsStream("/orders.jsonl"), "orders.jsonl");
        }
        return file.equals("-") ? System.in : new FileInputStream(file);
    }
}
