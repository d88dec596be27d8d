package io.outbox.quickstart;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Prints once a second how far things are. */
final class Progress implements AutoCloseable {
    private final PrintStream out;
    private final Counts counts;
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread = new Thread(this::run, "quickstart-progress");

    Progress(PrintStream out, Counts counts) {
        this.out = out;
        this.counts = counts;
        thread.setDaemon(true);
        thread.start();
    }

    private void run() {
        try {
            while (!closed.await(1, TimeUnit.SECONDS)) {
                print();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void print() {
        out.printf(
                Locale.ROOT,
                "  %,d orders committed, %,d messages published, %,d delivered%n",
                counts.committed.get(),
                counts.published.get(),
                counts.delivered.get());
    }

    /** Ends with a last line, so that a short run has one too. */
    @Override
    public void close() {
        closed.countDown();
        Threads.join(thread);
        print();
    }
}
