package io.outbox.simulation;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.AbstractExecutorService;
import java.util.concurrent.Callable;
import java.util.concurrent.Delayed;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/** The threads of one simulated process: it can be killed, or stopped and resumed, between any two tasks. */
final class ProcessExecutor extends AbstractExecutorService implements ScheduledExecutorService {
    private final World world;
    private final List<Runnable> held = new ArrayList<>();
    private boolean alive = true;
    private boolean paused;

    ProcessExecutor(World world) {
        this.world = world;
    }

    void kill() {
        alive = false;
        held.clear();
    }

    void pause() {
        paused = true;
    }

    void resume() {
        paused = false;
        List<Runnable> waiting = List.copyOf(held);
        held.clear();
        waiting.forEach(task -> world.afterNanos(0, () -> run(task)));
    }

    boolean isAlive() {
        return alive;
    }

    private void run(Runnable task) {
        if (paused) {
            held.add(task);
        } else if (alive) {
            task.run();
        }
    }

    @Override
    public ScheduledFuture<?> schedule(Runnable command, long delay, TimeUnit unit) {
        Cancellable task = new Cancellable();
        world.afterNanos(
                unit.toNanos(delay),
                () -> run(() -> {
                    if (!task.cancelled) {
                        command.run();
                    }
                }));
        return task;
    }

    @Override
    public void execute(Runnable command) {
        schedule(command, 0, TimeUnit.NANOSECONDS);
    }

    @Override
    public <V> ScheduledFuture<V> schedule(Callable<V> callable, long delay, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleAtFixedRate(Runnable command, long first, long period, TimeUnit unit) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ScheduledFuture<?> scheduleWithFixedDelay(Runnable command, long first, long delay, TimeUnit unit) {
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
        return !alive;
    }

    @Override
    public boolean isTerminated() {
        return !alive;
    }

    @Override
    public boolean awaitTermination(long timeout, TimeUnit unit) {
        return true;
    }

    private static final class Cancellable implements ScheduledFuture<Object> {
        private boolean cancelled;

        @Override
        public boolean cancel(boolean mayInterruptIfRunning) {
            cancelled = true;
            return true;
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }

        @Override
        public boolean isDone() {
            return cancelled;
        }

        @Override
        public Object get() {
            throw new UnsupportedOperationException();
        }

        @Override
        public Object get(long timeout, TimeUnit unit) {
            throw new UnsupportedOperationException();
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
}
