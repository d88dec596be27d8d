package io.outbox.testkit;

import io.outbox.consumer.ReceivedMessage;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A topic of the in-process broker: a log, and how far each group has come. Guarded by the broker's monitor. */
final class InProcessTopic {
    private final String name;
    private final int retention;
    private final TreeMap<Long, ReceivedMessage> log = new TreeMap<>();
    private final Map<String, Group> groups = new LinkedHashMap<>();
    private long nextOffset;

    InProcessTopic(String name, int retention) {
        this.name = name;
        this.retention = retention;
    }

    void add(ReceivedMessage message) {
        log.put(nextOffset++, message);
    }

    List<ReceivedMessage> retained() {
        return List.copyOf(log.values());
    }

    Group group(String group) {
        return groups.computeIfAbsent(group, ignored -> new Group(log.isEmpty() ? nextOffset : log.firstKey()));
    }

    private void trim() {
        long acknowledged = nextOffset;
        for (Group group : groups.values()) {
            acknowledged = Math.min(acknowledged, group.oldestUnacknowledged());
        }
        while (log.size() > retention && log.firstKey() < acknowledged) {
            log.pollFirstEntry();
        }
    }

    @Override
    public String toString() {
        return "topic " + name + " [messages=" + log.size() + "]";
    }

    /** How far one consumer group has come. */
    final class Group {
        /** Deliveries that were given back, or whose repetition is due: they go first. */
        private final ArrayDeque<Delivery> again = new ArrayDeque<>();
        /** Repetitions to come, each after so many other deliveries. */
        private final PriorityQueue<Repetition> repetitions = new PriorityQueue<>();

        private final TreeMap<Long, Delivery> unacknowledged = new TreeMap<>();
        private long position;
        private long deliveries;

        private Group(long position) {
            this.position = position;
        }

        /** Takes the next delivery; null when there is none at the moment. */
        @Nullable
        Delivery poll() {
            Delivery delivery = next();
            if (delivery != null) {
                deliveries++;
            }
            return delivery;
        }

        private @Nullable Delivery next() {
            Delivery returned = again.poll();
            if (returned != null) {
                return returned;
            }
            boolean endOfLog = position >= nextOffset;
            Repetition repetition = repetitions.peek();
            if (repetition != null && (endOfLog || repetition.after <= deliveries)) {
                repetitions.remove();
                return repetition.delivery;
            }
            if (endOfLog) {
                return null;
            }
            ReceivedMessage message = log.get(position);
            if (message == null) {
                throw new IllegalStateException(name + " has lost its message at " + position);
            }
            Delivery delivery = new Delivery(this, position++, message, false);
            unacknowledged.put(delivery.offset, delivery);
            return delivery;
        }

        boolean hasNext() {
            return !again.isEmpty() || position < nextOffset || !repetitions.isEmpty();
        }

        void acknowledge(Delivery delivery) {
            if (!delivery.repetition) {
                unacknowledged.remove(delivery.offset);
            }
            trim();
        }

        /** Delivers a message once more, though it has been acknowledged, after some others. */
        void repeat(Delivery delivery, int afterDeliveries) {
            Delivery copy = new Delivery(this, delivery.offset, delivery.nextAttempt().message, true);
            repetitions.add(new Repetition(deliveries + afterDeliveries, copy));
        }

        void giveBack(Delivery delivery) {
            again.addFirst(delivery);
        }

        long waiting() {
            long returnedRepetitions =
                    again.stream().filter(delivery -> delivery.repetition).count();
            return nextOffset - position + unacknowledged.size() + repetitions.size() + returnedRepetitions;
        }

        private long oldestUnacknowledged() {
            return unacknowledged.isEmpty() ? position : unacknowledged.firstKey();
        }
    }

    /** One message on its way to one consumer of a group. */
    record Delivery(Group group, long offset, ReceivedMessage message, boolean repetition) {
        Delivery nextAttempt() {
            return new Delivery(group, offset, message.withAttempt(message.attempt() + 1), repetition);
        }
    }

    private record Repetition(long after, Delivery delivery) implements Comparable<Repetition> {
        @Override
        public int compareTo(Repetition other) {
            return Long.compare(after, other.after);
        }
    }
}
