package io.outbox.relay;

import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.atomic.AtomicInteger;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** Wake-ups of a pass under all interleavings that Lincheck finds: none is lost, and the pass never runs twice at once. */
public class PassLoopInterleavingsTest {
    /** What the executor would run; guarded by itself. */
    private final List<Task> tasks = new ArrayList<>();

    private final AtomicInteger wakes = new AtomicInteger();
    private final AtomicInteger running = new AtomicInteger();
    private volatile int seen;
    private final PassLoop loop = new PassLoop(
            "test", this::pass, executor(), WindowTest.settings(RetryPolicy.defaults()), (pass, cause) -> {});

    private static final class Task {
        final Runnable action;
        boolean cancelled;

        Task(Runnable action) {
            this.action = action;
        }
    }

    public PassLoopInterleavingsTest() {
        loop.start();
        runOne();
    }

    private long pass() {
        if (running.incrementAndGet() != 1) {
            throw new IllegalStateException("the pass runs twice at once");
        }
        seen = wakes.get();
        running.decrementAndGet();
        return PassLoop.UNTIL_WOKEN;
    }

    private ScheduledExecutorService executor() {
        return (ScheduledExecutorService) Proxy.newProxyInstance(
                PassLoop.class.getClassLoader(),
                new Class<?>[] {ScheduledExecutorService.class},
                (self, method, args) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return ofObject(self, method, args); // Lincheck compares
                    }
                    Task task = new Task((Runnable) args[0]);
                    synchronized (tasks) {
                        tasks.add(task);
                    }
                    return future(task);
                });
    }

    private ScheduledFuture<?> future(Task task) {
        return (ScheduledFuture<?>) Proxy.newProxyInstance(
                PassLoop.class.getClassLoader(), new Class<?>[] {ScheduledFuture.class}, (self, method, args) -> {
                    if (method.getDeclaringClass() == Object.class) {
                        return ofObject(self, method, args);
                    }
                    synchronized (tasks) {
                        task.cancelled = true;
                        tasks.remove(task);
                    }
                    return true;
                });
    }

    private static Object ofObject(Object self, Method method, Object[] args) {
        return switch (method.getName()) {
            case "equals" -> self == args[0];
            case "hashCode" -> System.identityHashCode(self);
            default -> "proxy";
        };
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
            task.action.run();
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
                .iterations(30)
                .invocationsPerIteration(300)
                .minimizeFailedScenario(false)
                .check(PassLoopInterleavingsTest.class);
    }
}
