package io.outbox.relay;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Wake-ups of a pass under all interleavings that Lincheck finds: none is lost, and the pass never runs twice at once. */
public class PassLoopInterleavingsTest {
    /** What the executor would run; guarded by itself. */
    private final List<Task> tasks = new ArrayList<>();

    private final AtomicInteger wakes = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private volatile int seen;
    private volatile @Nullable IllegalStateException failure;
    private final PassLoop loop = new PassLoop(
            "test", this::pass, new Executor(), WindowTest.settings(RetryPolicy.defaults()), (pass, cause) -> {});

    private final class Task extends FutureTask<Object> implements ScheduledFuture<Object> {
        Task(Runnable action) {
            super(action, "");
        }

        @Override
        public boolean cancel(boolean mayInterrupt) {
            synchronized (tasks) {
                return tasks.remove(this);
            }
        }

        @Override
        public long getDelay(TimeUnit unit) {
            return 0;
        }

        @Override
        public int compareTo(Delayed other) {
            return 0;
        }
    }

    public PassLoopInterleavingsTest() {
        loop.start();
        runOne();
    }

    private long pass() {
        if (running.incrementAndGet() != 1) {
            failure = new IllegalStateException("the pass runs twice at once");
        }
        seen = wakes.get();
        running.decrementAndGet();
        return PassLoop.UNTIL_WOKEN;
    }

    /** Keeps what it is given, for {@link #runOne}. */
    private final class Executor extends AbstractExecutorService implements ScheduledExecutorService {
        @Override
        public ScheduledFuture<?> schedule(Runnable action, long delay, TimeUnit unit) {
            Task task = new Task(action);
            synchronized (tasks) {
                tasks.add(task);
            }
            return task;
        }

        @Override
        public <V> ScheduledFuture<V> schedule(Callable<V> action, long delay, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ScheduledFuture<?> scheduleAtFixedRate(Runnable action, long first, long period, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public ScheduledFuture<?> scheduleWithFixedDelay(Runnable action, long first, long delay, TimeUnit unit) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void execute(Runnable action) {
            throw new UnsupportedOperationException();
        }

        @Override
        public void shutdown() {}

        @Override
        public List<Runnable> shutdownNow() {
            return List.of();
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long limit, TimeUnit unit) {
            return false;
        }
    }

    @Operation
    public void wake() {
        wakes.incrementAndGet();
        loop.wake();
    }

    @Operation
    public void wakeLater() {
        wakes.incrementAndGet();
        loop.wakeWithin(1000);
    }

    @Operation
    public void wakeIfResting() {
        loop.wakeIfResting();
    }

    /** One of the executor's threads takes the next task. */
    @Operation
    public void runOne() {
        Task task;
        synchronized (tasks) {
            task = tasks.isEmpty() ? null : tasks.remove(0);
        }
        if (task != null) {
            task.run();
            if (failure != null) {
                throw failure;
            }
        }
    }

    @Validate
    public void everyWakeUpWasSeenOrIsScheduled() {
        synchronized (tasks) {
            if (seen < wakes.get() && tasks.isEmpty()) {
                throw new IllegalStateException("a wake-up was lost: " + wakes.get() + " calls, seen " + seen);
            }
            if (tasks.size() > 1) {
                throw new IllegalStateException("scheduled " + tasks.size() + " times");
            }
        }
    }

    @Test
    void noInterleaving_losesAWakeUp() {
        new ModelCheckingOptions()
                .threads(3)
                .actorsBefore(1)
                .actorsPerThread(2)
                .actorsAfter(0)
                .iterations(Integer.getInteger("outbox.interleavings", 2))
                .invocationsPerIteration(200)
                .minimizeFailedScenario(false)
                .check(PassLoopInterleavingsTest.class);
    }
}
