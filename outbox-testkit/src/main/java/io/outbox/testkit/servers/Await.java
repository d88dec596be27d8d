package io.outbox.testkit.servers;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Waits for a condition outside this JVM, which nothing can signal, by asking at a short interval up to a limit. */
final class Await {

    private static final Duration INTERVAL = Duration.ofMillis(10);

    private Await() {}

    /** Returns true as soon as the condition holds, false after the limit. An interrupt is kept for later. */
    static boolean until(Duration limit, BooleanSupplier condition) {
        boolean interrupted = false;
        long start = System.nanoTime();
        boolean holds = condition.getAsBoolean();
        while (!holds && System.nanoTime() - start < limit.toNanos()) {
            interrupted |= Thread.interrupted(); // a set flag would turn the wait into a busy loop
            LockSupport.parkNanos(INTERVAL.toNanos());
            holds = condition.getAsBoolean();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return holds;
    }
}
