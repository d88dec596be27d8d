package io.outbox.torture;

import java.util.List;

/** The torture command; see {@code scripts/torture}. */
public final class Torture {
    private Torture() {}

    /** Runs and reports; ends with 1 when anything does not balance, 2 for a wrong command line. */
    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments)));
    }

    private static int run(List<String> arguments) {
        Options options;
        try {
            options = Options.parse(arguments);
        } catch (IllegalArgumentException e) {
            System.err.println("torture: " + e.getMessage());
            return 2;
        }
        try (TortureRun run = new TortureRun(options)) {
            TortureReport report = run.run();
            System.out.print(report.text());
            return report.isBalanced() ? 0 : 1;
        }
    }
}
