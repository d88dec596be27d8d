package io.outbox.simulation;

import io.outbox.testkit.ManualClock;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/**
 * Simulated time: runs tasks one by one in the order of their times, ties broken by the seed. One thread.
 *
 * <p>A task may {@linkplain #sleep sleep} in its middle: other tasks run meanwhile, on top of it on the stack. So calls that
 * overlap end in the opposite order of their beginnings, and one that is slept on may take longer than it wanted.
 */
final class World {
    private static final int DEEPEST = 4;

    final Random random;
    /** Its wall clock is the database's, and may jump; its monotonic clock is true time. */
    final ManualClock clock = new ManualClock();

    private final PriorityQueue<Event> events = new PriorityQueue<>();
    private @Nullable SimulatedProcess current;
    private int depth;

    private record Event(long atNanos, int tie, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Integer.compare(tie, other.tie);
        }
    }

    World(long seed) {
        random = new Random(mixed(seed));
    }

    /** Neighbouring seeds give almost the same first numbers otherwise. This is the finalizer of MurmurHash3. */
    private static long mixed(long seed) {
        long h = seed;
        h = (h ^ h >>> 33) * 0xff51afd7ed558ccdL;
        h = (h ^ h >>> 33) * 0xc4ceb9fe1a85ec53L;
        return h ^ h >>> 33;
    }

    long nanos() {
        return clock.nanoTime();
    }

    void after(Duration delay, Runnable task) {
        afterNanos(delay.toNanos(), task);
    }

    void afterNanos(long delay, Runnable task) {
        // each task takes a little time, so that equal times are seldom and their order is random
        long jitter = random.nextInt(200_000);
        events.add(new Event(nanos() + Math.max(0, delay) + jitter, random.nextInt(), task));
    }

    /** Runs the next task; false when there is none. */
    boolean step() {
        Event next = events.poll();
        if (next == null) {
            return false;
        }
        advanceTo(next.atNanos());
        as(null, next.task());
        return true;
    }

    private void advanceTo(long atNanos) {
        if (atNanos > nanos()) {
            clock.advance(Duration.ofNanos(atNanos - nanos()));
        }
    }

    /** Whether a task may sleep now: the stack is finite. */
    boolean maySleep() {
        return depth < DEEPEST;
    }

    /** Lets others run for so long, and for longer while the sleeping process is stopped. */
    void sleep(Duration duration) {
        SimulatedProcess sleeper = current;
        long end = nanos() + duration.toNanos();
        depth++;
        try {
            while (isNextBefore(end) || (sleeper != null && sleeper.isPaused())) {
                step();
            }
        } finally {
            depth--;
        }
        advanceTo(end);
    }

    private boolean isNextBefore(long end) {
        Event next = events.peek();
        return next != null && next.atNanos() <= end;
    }

    /** The process whose code is running; null when it is the world's own. */
    @Nullable
    SimulatedProcess current() {
        return current;
    }

    /** Runs a task as part of a process. */
    void as(@Nullable SimulatedProcess process, Runnable task) {
        SimulatedProcess before = current;
        current = process;
        try {
            task.run();
        } finally {
            current = before;
        }
    }

    Duration between(int lowMillis, int highMillis) {
        return Duration.ofMillis(lowMillis + random.nextInt(highMillis - lowMillis + 1));
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }
}
