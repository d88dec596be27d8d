package io.outbox.simulation;

import java.io.PrintStream;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;

/** Runs many seeds from the command line: see scripts/simulate. Ends with 1 when a promise was broken. */
final class Simulate {
    private static final int REPORT_EVERY = 10_000;

    private final PrintStream out;
    private final AtomicLong next;
    private final long end;
    private final long deadline;
    private final AtomicLong runs = new AtomicLong();
    private final AtomicLong failures = new AtomicLong();
    private final long began = System.nanoTime();

    private Simulate(PrintStream out, long from, long seeds, Duration limit) {
        this.out = out;
        next = new AtomicLong(from);
        end = from + seeds;
        deadline = began + limit.toNanos();
    }

    /** The first violation of each promise, and how to see more. */
    static String describe(long seed, List<Violation> violations) {
        Map<Violation.Promise, List<Violation>> byPromise = new EnumMap<>(Violation.Promise.class);
        violations.forEach(one ->
                byPromise.computeIfAbsent(one.promise(), p -> new ArrayList<>()).add(one));
        StringBuilder text = new StringBuilder("seed " + seed + ":");
        byPromise.forEach((promise, all) -> text.append(' ')
                .append(all.get(0))
                .append(all.size() > 1 ? " and " + (all.size() - 1) + " more;" : ";"));
        return text + " replay: scripts/simulate --from " + seed + " --history";
    }

    public static void main(String[] args) {
        long from = 1;
        long seeds = 1;
        long minutes = Duration.ofDays(365).toMinutes();
        boolean history = false;
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "--seeds" -> seeds = Long.parseLong(args[++i]);
                case "--from" -> from = Long.parseLong(args[++i]);
                case "--minutes" -> {
                    minutes = Long.parseLong(args[++i]);
                }
                case "--history" -> history = true;
                default -> throw new IllegalArgumentException("unknown argument " + args[i]);
            }
        }
        if (history) {
            System.exit(show(System.out, from) ? 0 : 1);
        }
        System.exit(new Simulate(System.out, from, seeds, Duration.ofMinutes(minutes)).run() ? 0 : 1);
    }

    private static boolean show(PrintStream out, long seed) {
        Simulation simulation = new Simulation(seed);
        simulation.history().withCalls();
        List<Violation> violations = simulation.run();
        simulation.history().events().forEach(out::println);
        out.println("seed " + seed + ", " + simulation.options());
        violations.forEach(out::println);
        return violations.isEmpty();
    }

    private boolean run() {
        int threads = Runtime.getRuntime().availableProcessors();
        List<Thread> workers = IntStream.range(0, threads)
                .mapToObj(i -> new Thread(this::work, "simulate-" + i))
                .toList();
        workers.forEach(Thread::start);
        for (Thread worker : workers) {
            try {
                worker.join();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
        report();
        return failures.get() == 0;
    }

    private void work() {
        for (long seed = next.getAndIncrement();
                seed < end && System.nanoTime() < deadline;
                seed = next.getAndIncrement()) {
            List<Violation> violations = new Simulation(seed).run();
            if (!violations.isEmpty()) {
                failures.incrementAndGet();
                out.println(describe(seed, violations));
            }
            if (runs.incrementAndGet() % REPORT_EVERY == 0) {
                report();
            }
        }
    }

    private void report() {
        out.printf(
                "%,d seeds, %,d failed, %d s%n",
                runs.get(), failures.get(), (System.nanoTime() - began) / 1_000_000_000);
    }
}
