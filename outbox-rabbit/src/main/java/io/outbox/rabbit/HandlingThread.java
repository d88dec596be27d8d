package io.outbox.rabbit;

import com.rabbitmq.client.AlreadyClosedException;
import io.outbox.rabbit.KeyedWork.Task;
import java.io.IOException;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the deliveries of its keys, one at a time. What fails waits at the head of its key while others go on; when the
 * database fails, all wait.
 *
 * <p>Crash between the commit in the database and the acknowledgement: delivered again, and a duplicate. The
 * connection lost: what waits here is dropped and delivered again; what is being handled is finished first, because the
 * same keys come to the same thread.
 */
final class HandlingThread implements Runnable {
    private static final Logger LOG = LoggerFactory.getLogger(HandlingThread.class);

    private final LoopSettings settings;
    private final Attempts<?> attempts;
    private final LoopCounters counters;
    private final Consumer<Throwable> onFatal;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Thread thread;
    private final Set<Subscription> unflushed = new HashSet<>();
    private int storeFailures;

    /** All below are guarded by this. */
    private final KeyedWork work = new KeyedWork();

    private long storeReadyNanos = System.nanoTime();
    private boolean stopping;

    HandlingThread(
            String name,
            LoopSettings settings,
            Attempts<?> attempts,
            LoopCounters counters,
            Consumer<Throwable> onFatal) {
        this.settings = settings;
        this.attempts = attempts;
        this.counters = counters;
        this.onFatal = onFatal;
        thread = new Thread(this, name);
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** No further delivery is begun. */
    synchronized void stop() {
        stopping = true;
        notifyAll();
    }

    boolean join(Duration limit) throws InterruptedException {
        if (Thread.currentThread() != thread) {
            TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, limit.toNanos()));
        }
        return !thread.isAlive();
    }

    void interrupt() {
        thread.interrupt();
    }

    boolean isAlive() {
        return thread.isAlive();
    }

    synchronized void add(Delivered delivered) {
        work.add(new Task(delivered));
        notifyAll();
    }

    /** A subscription is over. */
    synchronized void dropStale() {
        work.dropStale();
    }

    @Override
    public void run() {
        try {
            for (Task task = next(); task != null; task = next()) {
                handle(task);
            }
        } catch (Error e) {
            onFatal.accept(e);
            throw e;
        } finally {
            flush();
        }
    }

    /** Waits for the next delivery; null when it is to stop. */
    private @Nullable Task next() {
        while (true) {
            if (isIdle()) {
                flush();
            }
            synchronized (this) {
                if (stopping) {
                    return null;
                }
                long now = System.nanoTime();
                long wait = Math.max(work.nanosUntilNext(now), storeReadyNanos - now);
                if (wait <= 0) {
                    Task task = work.take(now);
                    if (task != null) {
                        return task;
                    }
                } else {
                    await(wait);
                }
            }
        }
    }

    private synchronized boolean isIdle() {
        return work.nanosUntilNext(System.nanoTime()) > 0;
    }

    @SuppressWarnings("WaitNotInLoop") // the caller loops
    private synchronized void await(long nanos) {
        if (stopping || (storeReadyNanos - System.nanoTime() <= 0 && !isIdle())) {
            return;
        }
        try {
            if (nanos == Long.MAX_VALUE) {
                wait();
            } else {
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(nanos, TimeUnit.MILLISECONDS.toNanos(1)));
            }
        } catch (InterruptedException e) {
            LOG.debug("Interrupted, to end if it is stopped", e);
        }
    }

    /** Acknowledges what is done, when there is nothing better to do. */
    private void flush() {
        List.copyOf(unflushed).forEach(Subscription::acknowledge);
        unflushed.clear();
    }

    private void handle(Task task) {
        if (!task.delivered.source().isOpen()) {
            finished(task);
            return;
        }
        Throwable hopeless = task.hopeless;
        if (hopeless != null) {
            setAside(task, hopeless);
            return;
        }
        switch (attempts.make(task.delivered, task.attempts + 1)) {
            case DONE -> done(task);
            case STORE_FAILED -> storeFailed(task);
            case HOPELESS -> {
                task.attempts++;
                setAside(task, attempts.failure());
            }
            case FAILED -> failed(task);
        }
    }

    private void done(Task task) {
        storeFailures = 0;
        task.delivered.source().done(task.delivered.tag());
        unflushed.add(task.delivered.source());
        finished(task);
    }

    private synchronized void finished(Task task) {
        work.finished(task);
    }

    private void storeFailed(Task task) {
        storeFailures++;
        long until = System.nanoTime() + settings.delays().nanos(storeFailures, random);
        LOG.warn(
                "Message from queue {} waits for the database: {}",
                task.delivered.queue(),
                attempts.failure().toString());
        synchronized (this) {
            storeReadyNanos = until;
            work.again(task, until);
        }
    }

    private void failed(Task task) {
        storeFailures = 0;
        task.attempts++;
        Throwable failure = attempts.failure();
        LOG.warn(
                "Attempt {} of {} at a message from queue {} failed: {}",
                task.attempts,
                settings.maxAttempts(),
                task.delivered.queue(),
                failure.toString());
        if (task.attempts >= settings.maxAttempts()) {
            setAside(task, failure);
        } else if (settings.retryQueueDelay() != null && task.attempts % settings.attemptsInPlace() == 0) {
            copy(task, settings.retryQueue(task.delivered.queue()), failure, false);
        } else {
            again(task, task.attempts);
        }
    }

    private void setAside(Task task, Throwable reason) {
        task.hopeless = reason;
        copy(task, settings.deadLetterQueue().apply(task.delivered.queue()), reason, true);
    }

    private void copy(Task task, String to, Throwable reason, boolean isDead) {
        try {
            SetAside.copy(
                    task.delivered.source().getChannel().getConnection(), to, task.delivered, reason, task.attempts);
            if (isDead) {
                counters.deadLetters.increment();
                LOG.warn("A message from queue {} is a dead letter in {}", task.delivered.queue(), to);
            }
            done(task);
        } catch (IOException | AlreadyClosedException e) {
            LOG.warn("A message from queue {} cannot be copied to {}: {}", task.delivered.queue(), to, e.toString());
            again(task, settings.maxAttempts());
        }
    }

    private synchronized void again(Task task, int n) {
        work.again(task, System.nanoTime() + settings.delays().nanos(n, random));
    }
}
