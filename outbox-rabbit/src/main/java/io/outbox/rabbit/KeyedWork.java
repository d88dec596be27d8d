package io.outbox.rabbit;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries that one thread has to handle: in order for each key, keys in turn. A key whose first delivery waits for its
 * next attempt holds up no other. Not thread-safe.
 */
final class KeyedWork {
    /** A delivery with what was tried. */
    static final class Task {
        final Delivered delivered;
        private final Object key;
        int attempts;
        /** Set when the handler need not be tried again: it is to be set aside. */
        @Nullable
        Throwable hopeless;

        Task(Delivered delivered) {
            this.delivered = delivered;
            String ordered = DeliveryDecoder.key(delivered.properties());
            key = ordered == null ? new Object() : ordered;
            attempts = SetAside.attemptsSoFar(delivered.properties());
        }
    }

    private record Waiting(long atNanos, Object key) {}

    private final Map<Object, Deque<Task>> byKey = new HashMap<>();
    private final Deque<Object> ready = new ArrayDeque<>();
    private final PriorityQueue<Waiting> waiting =
            new PriorityQueue<>((one, other) -> Long.signum(one.atNanos() - other.atNanos()));

    void add(Task task) {
        Deque<Task> queue = byKey.get(task.key);
        if (queue == null) {
            queue = new ArrayDeque<>();
            byKey.put(task.key, queue);
            ready.add(task.key);
        }
        queue.add(task);
    }

    /** Takes the next delivery; its key is at rest until {@link #finished} or {@link #again}. */
    @Nullable
    Task take(long nowNanos) {
        while (!waiting.isEmpty() && waiting.element().atNanos() - nowNanos <= 0) {
            ready.add(waiting.remove().key());
        }
        while (!ready.isEmpty()) {
            Object key = ready.remove();
            Deque<Task> queue = byKey.get(key);
            Task task = queue == null ? null : queue.poll();
            if (task != null) {
                return task;
            }
            byKey.remove(key);
        }
        return null;
    }

    /** How long until {@link #take} may give something, when nothing is added; {@link Long#MAX_VALUE} for ever. */
    long nanosUntilNext(long nowNanos) {
        if (!ready.isEmpty()) {
            return 0;
        }
        return waiting.isEmpty()
                ? Long.MAX_VALUE
                : Math.max(0, waiting.element().atNanos() - nowNanos);
    }

    /** The delivery that was taken is done with. */
    void finished(Task task) {
        Deque<Task> queue = byKey.get(task.key);
        if (queue == null || queue.isEmpty()) {
            byKey.remove(task.key);
        } else {
            ready.add(task.key);
        }
    }

    /** The delivery that was taken is to be tried again at the given time, before later ones of its key. */
    void again(Task task, long atNanos) {
        byKey.computeIfAbsent(task.key, key -> new ArrayDeque<>()).addFirst(task);
        waiting.add(new Waiting(atNanos, task.key));
    }

    /** Forgets what came by subscriptions that are over: it is delivered again. */
    void dropStale() {
        Iterator<Deque<Task>> queues = byKey.values().iterator();
        while (queues.hasNext()) {
            queues.next().removeIf(task -> !task.delivered.source().isOpen());
        }
    }

    boolean isEmpty() {
        return ready.isEmpty();
    }
}
