package io.outbox.simulation;

import io.outbox.testkit.ManualClock;
import java.time.Duration;
import java.util.PriorityQueue;
import java.util.Random;

/** Simulated time: runs tasks one by one in the order of their times, ties broken by the seed. One thread. */
final class World {
    final Random random;
    final ManualClock clock = new ManualClock();
    private final PriorityQueue<Event> events = new PriorityQueue<>();

    private record Event(long atNanos, int tie, Runnable task) implements Comparable<Event> {
        @Override
        public int compareTo(Event other) {
            int byTime = Long.compare(atNanos, other.atNanos);
            return byTime != 0 ? byTime : Integer.compare(tie, other.tie);
        }
    }

    World(long seed) {
        random = new Random(seed);
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
        if (next.atNanos() > nanos()) {
            clock.advance(Duration.ofNanos(next.atNanos() - nanos()));
        }
        next.task().run();
        return true;
    }

    Duration between(int lowMillis, int highMillis) {
        return Duration.ofMillis(lowMillis + random.nextInt(highMillis - lowMillis + 1));
    }

    boolean oneIn(int n) {
        return random.nextInt(n) == 0;
    }
}
