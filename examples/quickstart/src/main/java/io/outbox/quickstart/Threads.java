package io.outbox.quickstart;

/** Waits for threads. */
final class Threads {
    private Threads() {}

    /** Waits until a thread has ended; an interruption ends the wait and stays set. */
    static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
