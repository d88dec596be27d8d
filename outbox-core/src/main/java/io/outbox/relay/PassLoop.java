package io.outbox.relay;

import io.outbox.internal.Backoff;
import java.time.Duration;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one pass of the relay again and again: never twice at the same time, when its own wait is over or when it is woken.
 * An exception is reported and followed by a growing wait; an {@link Error} ends the loop and is reported. Thread-safe.
 */
final class PassLoop {
    /** A pass waits so long when only a wake-up should run it again. */
    static final long UNTIL_WOKEN = Long.MAX_VALUE;

    private static final Logger LOG = LoggerFactory.getLogger(PassLoop.class);
    private static final Backoff AFTER_FAILURE = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    /** One bounded piece of work. */
    @FunctionalInterface
    interface Pass {
        /** Does it and returns the nanoseconds to wait before the next one. */
        long run();

        /** For how long after this run wake-ups are gathered into the next one; asked for after each run. */
        default long gatherNanos() {
            return 0;
        }
    }

    /** Hears of failures. */
    @FunctionalInterface
    interface FailureListener {
        void onFailure(String pass, Throwable cause);
    }

    private final String name;
    private final Pass pass;
    private final ScheduledExecutorService executor;
    private final LongSupplier ticker;
    private final RandomGenerator random;
    private final FailureListener listener;
    /** All fields below are guarded by this. */
    private @Nullable ScheduledFuture<?> next;

    private long nextAtNanos;
    private long notBeforeNanos;
    private boolean running;
    private boolean stopped = true;
    private long wokenForNanos = UNTIL_WOKEN;
    private int failures;
    private long lastRunNanos;
    private @Nullable Throwable lastFailure;
    private boolean dead;

    PassLoop(
            String name,
            Pass pass,
            ScheduledExecutorService executor,
            RelaySettings settings,
            FailureListener listener) {
        this.name = name;
        this.pass = pass;
        this.executor = executor;
        ticker = settings.ticker();
        random = settings.random();
        this.listener = listener;
    }

    synchronized void start() {
        stopped = false;
        lastRunNanos = ticker.getAsLong();
        notBeforeNanos = lastRunNanos;
        wakeWithin(0);
    }

    /** No further run begins; one that is under way ends by itself. */
    synchronized void stop() {
        stopped = true;
        cancelNext();
    }

    void wake() {
        wakeWithin(0);
    }

    /** Runs the pass at once if it would not run before someone wakes it. */
    synchronized void wakeIfResting() {
        if (next == null) {
            wakeWithin(0);
        }
    }

    /** Runs the pass within the given time, sooner if it was due anyway. */
    synchronized void wakeWithin(long nanos) {
        if (stopped || dead) {
            return;
        }
        long now = ticker.getAsLong();
        if (running) {
            long at = now + nanos;
            wokenForNanos = wokenForNanos == UNTIL_WOKEN ? at : Math.min(wokenForNanos, at);
        } else {
            long wait = Math.max(nanos, notBeforeNanos - now);
            if (next == null || now + wait < nextAtNanos) {
                schedule(now + wait, wait);
            }
        }
    }

    synchronized boolean isRunning() {
        return running;
    }

    /** Whether the pass has ended for good by an error, or one run of it has lasted longer than this. */
    synchronized boolean isDead(long stuckAfterNanos) {
        return dead || (running && ticker.getAsLong() - lastRunNanos > stuckAfterNanos);
    }

    /** The failure of the last run; null when that succeeded. */
    synchronized @Nullable Throwable lastFailure() {
        return lastFailure;
    }

    private void schedule(long at, long delayNanos) {
        cancelNext();
        nextAtNanos = at;
        try {
            next = executor.schedule(this::runOnce, Math.max(0, delayNanos), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            stopped = true;
            LOG.warn("outbox {}: the executor takes no more work; this part of the relay ends", name);
        }
    }

    private void cancelNext() {
        if (next != null) {
            next.cancel(false);
            next = null;
        }
    }

    private void runOnce() {
        synchronized (this) {
            if (running || stopped) {
                return;
            }
            next = null;
            running = true;
            wokenForNanos = UNTIL_WOKEN;
            lastRunNanos = ticker.getAsLong();
        }
        long delay = UNTIL_WOKEN;
        try {
            delay = pass.run();
            succeeded();
        } catch (RuntimeException e) {
            delay = failed(e);
        } catch (Error e) {
            died(e);
            throw e;
        } finally {
            ended(delay);
        }
    }

    private synchronized void succeeded() {
        if (failures > 0) {
            LOG.info("outbox {}: works again after {} failures", name, failures);
        }
        failures = 0;
        lastFailure = null;
    }

    private long failed(RuntimeException e) {
        int n;
        synchronized (this) {
            lastFailure = e;
            n = ++failures;
        }
        long delay = AFTER_FAILURE.delay(n, random).toNanos();
        if (n == 1) {
            LOG.warn("outbox {}: failed, tries again", name, e);
        } else {
            LOG.warn("outbox {}: failed {} times in a row, tries again: {}", name, n, Failures.describe(e));
        }
        listener.onFailure(name, e);
        return delay;
    }

    private void died(Error e) {
        synchronized (this) {
            dead = true;
            lastFailure = e;
        }
        LOG.error("outbox {}: ended by an error; the relay gives its leases up", name, e);
        listener.onFailure(name, e);
    }

    private synchronized void ended(long delay) {
        running = false;
        notifyAll();
        if (stopped || dead) {
            return;
        }
        long now = ticker.getAsLong();
        long gather = pass.gatherNanos();
        notBeforeNanos = now + gather;
        long wait = delay;
        if (wokenForNanos != UNTIL_WOKEN && failures == 0) {
            wait = Math.min(wait, Math.max(gather, wokenForNanos - now));
        }
        if (wait != UNTIL_WOKEN) {
            schedule(now + wait, wait);
        }
    }
}
