package io.outbox.consumer.internal;

import static java.util.Objects.requireNonNull;

import io.outbox.consumer.ReceivedMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The deliveries that one thread has to handle: those of an order one after the other, orders in turn. An order whose first
 * delivery waits for its next attempt holds up no other. Not thread-safe.
 */
final class KeyedWork {
    /** A delivery with what was tried. */
    static final class Task {
        private static final int MOST_ATTEMPTS = 1_000_000;

        final Delivery delivery;
        /** Null when it cannot be decoded; it is dead then. */
        private final @Nullable ReceivedMessage message;

        private final Object order;
        private int attempts;
        private int waits;
        private @Nullable Throwable dead;

        Task(Delivery delivery) {
            this.delivery = delivery;
            Object ordered = delivery.order();
            order = ordered == null ? new Object() : ordered;
            attempts = Math.min(Math.max(0, delivery.attemptsBefore()), MOST_ATTEMPTS); // a header says so
            ReceivedMessage decoded = null;
            try {
                decoded = delivery.decode();
            } catch (RuntimeException e) { // InvalidMessageException as promised; another would end the loop
                attempts++;
                dead = e;
            }
            message = decoded;
        }

        Object order() {
            return order;
        }

        /** Whether the broker delivers it again. */
        boolean isStale() {
            return delivery.source().isOver();
        }

        /** The message, with the number of its next attempt. */
        ReceivedMessage message() {
            return requireNonNull(message, "a dead letter has no message").withAttempt(attempts + 1);
        }

        /** Failed attempts. */
        int attempts() {
            return attempts;
        }

        void failedAttempt() {
            attempts++;
        }

        /** Counts the waits, for whatever reason. */
        int nextWait() {
            return ++waits;
        }

        /** Why the handler need not be tried again; null when it is to be. It only has to be set aside, alone. */
        @Nullable
        Throwable dead() {
            return dead;
        }

        void die(Throwable reason) {
            dead = reason;
        }
    }

    private record Waiting(long atNanos, Object order) {}

    private final Map<Object, Deque<Task>> byOrder = new HashMap<>();
    private final Deque<Object> ready = new ArrayDeque<>();
    private final PriorityQueue<Waiting> waiting =
            new PriorityQueue<>((one, other) -> Long.signum(one.atNanos() - other.atNanos()));

    void add(Task task) {
        Deque<Task> queue = byOrder.get(task.order);
        if (queue == null) {
            queue = new ArrayDeque<>();
            byOrder.put(task.order, queue);
            ready.add(task.order);
        }
        queue.add(task);
    }

    /**
     * Takes the next deliveries, those of an order in a row. Their orders are at rest until {@link #finished} tells what became
     * of them.
     */
    List<Task> take(int limit, long nowNanos) {
        while (!waiting.isEmpty() && waiting.element().atNanos() - nowNanos <= 0) {
            ready.add(waiting.remove().order());
        }
        List<Task> taken = new ArrayList<>();
        while (taken.size() < limit && !ready.isEmpty()) {
            Object order = ready.remove();
            Deque<Task> queue = byOrder.get(order);
            Task first = queue == null ? null : queue.peek();
            if (queue == null || first == null) {
                byOrder.remove(order);
            } else if (first.dead() != null && !taken.isEmpty()) {
                ready.addFirst(order);
                return taken;
            } else if (first.dead() != null) {
                return List.of(queue.remove());
            } else {
                while (taken.size() < limit
                        && !queue.isEmpty()
                        && queue.element().dead() == null) {
                    taken.add(queue.remove());
                }
            }
        }
        return taken;
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

    /**
     * The deliveries that were taken together have been tried: those that are not done with are to be tried again, before
     * later ones of their orders.
     *
     * @param taken what {@link #take} gave
     * @param again those that are not done with, each with the time for its next attempt; the first of an order decides
     */
    void finished(List<Task> taken, Map<Task, Long> again) {
        Map<Object, Long> times = new HashMap<>();
        for (int i = taken.size() - 1; i >= 0; i--) {
            Task task = taken.get(i);
            Long at = again.get(task);
            if (at != null) {
                byOrder.computeIfAbsent(task.order, order -> new ArrayDeque<>()).addFirst(task);
                times.put(task.order, at);
            } else {
                times.putIfAbsent(task.order, Long.MIN_VALUE);
            }
        }
        times.forEach((order, at) -> {
            Deque<Task> queue = byOrder.get(order);
            if (queue == null || queue.isEmpty()) {
                byOrder.remove(order);
            } else if (at == Long.MIN_VALUE) {
                ready.add(order);
            } else {
                waiting.add(new Waiting(at, order));
            }
        });
    }

    /** Forgets deliveries that are stale: the broker delivers them again. */
    void dropStale() {
        Iterator<Deque<Task>> queues = byOrder.values().iterator();
        while (queues.hasNext()) {
            queues.next().removeIf(Task::isStale);
        }
    }
}
