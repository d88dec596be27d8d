package io.outbox.consumer.internal;

import static java.util.Objects.requireNonNull;

import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.MessageHandler;
import io.outbox.consumer.Outcome;
import io.outbox.consumer.Outcome.Kind;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.consumer.internal.Delivery.SetAsideException;
import io.outbox.consumer.internal.Delivery.Source;
import io.outbox.consumer.internal.KeyedWork.Task;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Handles the deliveries of its orders, one after the other or in batches of one transaction. What fails waits at the head of its
 * order while others go on; when the database fails, all wait.
 *
 * <p>Crash between the commit in the database and the acknowledgement: delivered again, and a duplicate. The broker lost: what
 * waits here is stale, dropped, and delivered again; what is being handled is finished first, because the same orders come to the
 * same thread.
 *
 * <p>Thread-safe.
 */
public final class HandlingThread {
    private static final Logger LOG = LoggerFactory.getLogger(HandlingThread.class);

    private final HandlingSettings settings;
    private final Handle handle;
    private final LoopCounters counters;
    private final Consumer<Throwable> onFatal;
    private final RandomGenerator random = RandomGenerator.getDefault();
    private final Thread thread;
    /** Those with something to acknowledge; this and the next are confined to the thread. */
    private final Set<Source> unflushed = new HashSet<>();

    private int storeFailures;

    /** All below are guarded by this. */
    private final KeyedWork work = new KeyedWork();

    private List<Task> inHand = List.of();
    private long storeReadyNanos = System.nanoTime();
    private boolean stopping;

    /**
     * Makes a thread that is not started.
     *
     * @param <T> the handle of the transaction
     * @param name of the thread
     * @param settings how it handles
     * @param consumer records what was handled
     * @param handler is called by this thread only
     * @param counters counts what it does
     * @param onFatal hears of an {@link Error}, or an exception that nothing caught, by which the thread ends
     */
    public <T> HandlingThread(
            String name,
            HandlingSettings settings,
            IdempotentConsumer<T> consumer,
            MessageHandler<T, ? extends Exception> handler,
            LoopCounters counters,
            Consumer<Throwable> onFatal) {
        this.settings = settings;
        this.handle = (messages, orderedBy) -> consumer.handleAll(messages, orderedBy, handler);
        this.counters = counters;
        this.onFatal = onFatal;
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
    }

    /** Starts it. */
    public void start() {
        thread.start();
    }

    /** Lets it end after the transaction at hand. */
    public synchronized void stop() {
        stopping = true;
        notifyAll();
    }

    /**
     * Waits for its end, unless it is the calling thread, which ends when it returns to its loop.
     *
     * @param limit how long, at most
     * @return true when it has ended, or is the calling thread
     * @throws InterruptedException when the caller is interrupted
     */
    public boolean join(Duration limit) throws InterruptedException {
        if (Thread.currentThread() == thread) {
            return true;
        }
        TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, limit.toNanos()));
        return !thread.isAlive();
    }

    /** Interrupts the handler. */
    public void interrupt() {
        thread.interrupt();
    }

    /**
     * Tells whether it is at work.
     *
     * @return false before the start and after the end
     */
    public boolean isAlive() {
        return thread.isAlive();
    }

    /**
     * Tells whether it is the calling thread.
     *
     * @return true inside a handler that it calls
     */
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /**
     * Hands it deliveries.
     *
     * @param deliveries in the order in which they came
     */
    public synchronized void add(List<? extends Delivery> deliveries) {
        for (Delivery delivery : deliveries) {
            work.add(new Task(delivery));
        }
        notifyAll();
    }

    /** Forgets deliveries that have become stale. */
    public synchronized void dropStale() {
        work.dropStale();
    }

    /**
     * Waits until nothing stale is being handled any more.
     *
     * @param deadlineNanos until when, by {@link System#nanoTime()}
     * @return false when the time was too short, or the caller was interrupted, or is the thread itself
     */
    public synchronized boolean awaitNoStaleInHand(long deadlineNanos) {
        try {
            while (thread.isAlive() && inHand.stream().anyMatch(task -> task.isStale())) {
                long left = deadlineNanos - System.nanoTime();
                if (left <= 0 || isCurrent()) {
                    return false;
                }
                TimeUnit.NANOSECONDS.timedWait(this, Math.max(left, TimeUnit.MILLISECONDS.toNanos(1)));
            }
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void run() {
        try {
            for (List<Task> tasks = next(); !tasks.isEmpty(); tasks = next()) {
                finished(tasks, handle(tasks));
            }
        } catch (RuntimeException | Error e) {
            LOG.error("A consumer loop ends", e);
            onFatal.accept(e);
            throw e;
        } finally {
            synchronized (this) {
                inHand = List.of();
                notifyAll();
            }
            flush();
        }
    }

    /** Waits for the next deliveries; none when it is to stop. */
    private List<Task> next() {
        boolean flushed = false;
        while (true) {
            synchronized (this) {
                while (!stopping) {
                    long now = System.nanoTime();
                    long wait = Math.max(work.nanosUntilNext(now), storeReadyNanos - now);
                    if (wait <= 0) {
                        inHand = work.take(settings.batch(), now);
                        if (!inHand.isEmpty()) {
                            return inHand;
                        }
                    } else if (!flushed) {
                        break; // acknowledge first, there is nothing better to do
                    } else {
                        await(wait);
                    }
                }
                if (stopping) {
                    return List.of();
                }
            }
            flush();
            flushed = true;
        }
    }

    @SuppressWarnings("WaitNotInLoop") // its caller loops
    private void await(long nanos) {
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

    private void flush() {
        List.copyOf(unflushed).forEach(Source::flush);
        unflushed.clear();
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    private synchronized void finished(List<Task> tasks, Map<Task, Long> again) {
        work.finished(tasks, again);
        inHand = List.of();
        notifyAll();
    }

    /** Handles deliveries together; returns those that are to be tried again, with the time for it. */
    private Map<Task, Long> handle(List<Task> tasks) {
        Map<Task, Long> again = new HashMap<>();
        List<Task> fresh = tasks.stream().filter(task -> !task.isStale()).toList();
        if (!fresh.isEmpty()) {
            Throwable dead = fresh.get(0).dead();
            if (dead != null) {
                setAside(fresh.get(0), dead, again);
            } else {
                handleTogether(fresh, again);
            }
        }
        return again;
    }

    private void handleTogether(List<Task> tasks, Map<Task, Long> again) {
        IdentityHashMap<ReceivedMessage, Object> orders = new IdentityHashMap<>();
        List<ReceivedMessage> messages = new ArrayList<>(tasks.size());
        for (Task task : tasks) {
            ReceivedMessage message = task.message();
            messages.add(message);
            orders.put(message, task.order());
        }
        List<Outcome> outcomes = handle.apply(messages, orders::get);
        boolean interrupted = Thread.interrupted(); // by a handler; left set it would fail the next statement
        Throwable storeFailure = null;
        for (int i = 0; i < tasks.size(); i++) {
            Task task = tasks.get(i);
            Outcome outcome = outcomes.get(i);
            if (outcome.isDone()) {
                (outcome.kind() == Kind.HANDLED ? counters.handled : counters.duplicates).increment();
                done(task);
            } else if (outcome.kind() == Kind.STORE_FAILED) {
                storeFailure = outcome.failure();
                again.put(task, System.nanoTime());
            } else if (outcome.kind() == Kind.BEHIND) {
                again.put(task, System.nanoTime());
            } else {
                failed(task, outcome, again);
            }
        }
        if (storeFailure != null) {
            storeFailed(tasks.get(0), storeFailure);
        } else {
            storeFailures = 0;
        }
        if (interrupted && isStopping()) {
            thread.interrupt();
        }
    }

    private void done(Task task) {
        task.delivery.done();
        unflushed.add(task.delivery.source());
    }

    private void storeFailed(Task at, Throwable failure) {
        counters.failedAttempts.increment();
        Duration delay = settings.delays().delayFromHalf(++storeFailures, random);
        if (storeFailures == 1) {
            LOG.warn("The database failed at {}; no attempt is counted", at.delivery.place(), failure);
        } else {
            LOG.warn(
                    "The database failed {} times in a row, the next attempt in {}: {}",
                    storeFailures,
                    delay,
                    failure.toString());
        }
        synchronized (this) {
            storeReadyNanos = System.nanoTime() + delay.toNanos();
        }
    }

    private void failed(Task task, Outcome outcome, Map<Task, Long> again) {
        Throwable failure = requireNonNull(outcome.failure(), "failure");
        if (isStopping()) { // perhaps because it was interrupted
            LOG.debug("{} failed while the loop stops; it is not counted", task.delivery.place(), failure);
            again.put(task, System.nanoTime());
            return;
        }
        counters.failedAttempts.increment();
        if (outcome.kind() == Kind.POSTPONED) {
            Duration delay = waitAtHead(task, again);
            LOG.warn("{} is tried again in {}: {}", task.delivery.place(), delay, failure.toString());
            return;
        }
        task.failedAttempt();
        if (outcome.kind() == Kind.REJECTED || task.attempts() >= settings.maxAttempts()) {
            setAside(task, failure, again);
        } else if (!postponed(task, failure, again)) {
            Duration delay = waitAtHead(task, again);
            LOG.warn(
                    "Attempt {} of {} at {} failed, the next in {}",
                    task.attempts(),
                    settings.maxAttempts(),
                    task.delivery.place(),
                    delay,
                    failure);
        }
    }

    /** Lets the broker keep it until its next attempt; false when it is to wait here. */
    private boolean postponed(Task task, Throwable failure, Map<Task, Long> again) {
        try {
            if (!task.delivery.postpone(failure, task.attempts())) {
                return false;
            }
            LOG.warn(
                    "Attempt {} of {} at {} failed, the broker keeps it until the next",
                    task.attempts(),
                    settings.maxAttempts(),
                    task.delivery.place(),
                    failure);
            done(task);
        } catch (SetAsideException | RuntimeException e) {
            Duration delay = waitAtHead(task, again);
            LOG.error("{} waits here, the next attempt in {}", task.delivery.place(), delay, e);
        }
        return true;
    }

    private void setAside(Task task, Throwable reason, Map<Task, Long> again) {
        task.die(reason);
        try {
            String where = task.delivery.setAside(reason, task.attempts());
            counters.deadLetters.increment();
            LOG.error(
                    "{} was set aside in {} after {} attempts", task.delivery.place(), where, task.attempts(), reason);
            done(task);
        } catch (SetAsideException | RuntimeException e) {
            Duration delay = waitAtHead(task, again);
            LOG.error(
                    "The dead letter {} cannot be set aside: what is ordered behind it waits; the next attempt in {}",
                    task.delivery.place(),
                    delay,
                    e);
        }
    }

    private Duration waitAtHead(Task task, Map<Task, Long> again) {
        Duration delay = settings.delays().delayFromHalf(task.nextWait(), random);
        again.put(task, System.nanoTime() + delay.toNanos());
        return delay;
    }

    /** Handles messages in one transaction. */
    private interface Handle {
        List<Outcome> apply(List<ReceivedMessage> messages, Function<ReceivedMessage, @Nullable Object> orderedBy);
    }
}
