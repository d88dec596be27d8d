package io.outbox.relay;

import io.outbox.internal.Durations;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/** The threads a relay runs on: its own, or the caller's executor. Thread-safe. */
final class RelayThreads implements AutoCloseable {
    private static final long END_SECONDS = 5;
    private static final long LOOK_MILLIS = 5;

    private final ScheduledExecutorService passes;
    private final ScheduledExecutorService heartbeats;
    private final boolean own;

    RelayThreads(@Nullable ScheduledExecutorService given, int channels) {
        own = given == null;
        passes = given == null ? pool("relay", channels * ChannelRelay.PASSES) : given;
        heartbeats = given == null ? pool("heartbeat", channels) : given;
    }

    ScheduledExecutorService passes() {
        return passes;
    }

    ScheduledExecutorService heartbeats() {
        return heartbeats;
    }

    /** Waits for a condition, looked at every few milliseconds; an interruption ends the wait and stays set. */
    boolean await(BooleanSupplier condition, Duration limit) {
        CountDownLatch done = new CountDownLatch(1);
        try {
            look(condition, done);
            return done.await(Durations.countable(limit).toNanos(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            return false; // the caller's executor was shut down, and with it what the condition waits for
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        } finally {
            done.countDown();
        }
    }

    private void look(BooleanSupplier condition, CountDownLatch done) {
        if (done.getCount() == 0 || condition.getAsBoolean()) {
            done.countDown();
        } else {
            Future<?> unused = passes.schedule(() -> look(condition, done), LOOK_MILLIS, TimeUnit.MILLISECONDS);
        }
    }

    @Override
    public void close() {
        if (!own) {
            return;
        }
        passes.shutdown();
        heartbeats.shutdown();
        try {
            if (!passes.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                passes.shutdownNow();
            }
            if (!heartbeats.awaitTermination(END_SECONDS, TimeUnit.SECONDS)) {
                heartbeats.shutdownNow();
            }
        } catch (InterruptedException e) {
            passes.shutdownNow();
            heartbeats.shutdownNow();
            Thread.currentThread().interrupt();
        }
    }

    private static ScheduledExecutorService pool(String role, int threads) {
        ScheduledThreadPoolExecutor pool = new ScheduledThreadPoolExecutor(threads, named(role));
        pool.setRemoveOnCancelPolicy(true);
        pool.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        return pool;
    }

    private static ThreadFactory named(String role) {
        AtomicInteger number = new AtomicInteger();
        return task -> {
            Thread thread = new Thread(task, "outbox-" + role + "-" + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
