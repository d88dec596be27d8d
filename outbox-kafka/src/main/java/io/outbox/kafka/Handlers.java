package io.outbox.kafka;

import io.outbox.consumer.internal.HandlingThread;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** The threads that handle what one Kafka consumer reads. They stay when that consumer is replaced. Thread-safe. */
final class Handlers {
    private final List<HandlingThread> threads;

    Handlers(List<HandlingThread> threads) {
        this.threads = List.copyOf(threads);
    }

    void start() {
        threads.forEach(HandlingThread::start);
    }

    void add(List<RecordDelivery> deliveries) {
        if (threads.size() == 1) {
            threads.get(0).add(deliveries);
            return;
        }
        List<List<RecordDelivery>> byThread = new ArrayList<>();
        threads.forEach(thread -> byThread.add(new ArrayList<>()));
        deliveries.forEach(
                delivery -> byThread.get(delivery.lane(threads.size())).add(delivery));
        for (int i = 0; i < threads.size(); i++) {
            if (!byThread.get(i).isEmpty()) {
                threads.get(i).add(byThread.get(i));
            }
        }
    }

    void dropStale() {
        threads.forEach(HandlingThread::dropStale);
    }

    /** Waits until nothing of partitions that are gone is being handled; false when the time was too short. */
    boolean awaitNoStaleInHand(Duration limit) {
        long deadline = System.nanoTime() + limit.toNanos();
        boolean all = true;
        for (HandlingThread thread : threads) {
            all &= thread.awaitNoStaleInHand(deadline);
        }
        return all;
    }

    void stop() {
        threads.forEach(HandlingThread::stop);
    }

    /** Waits until all have ended, unless the calling thread is one of them. */
    boolean join(Duration limit) throws InterruptedException {
        if (isCurrent()) {
            return true;
        }
        long deadline = System.nanoTime() + limit.toNanos();
        boolean ended = true;
        for (HandlingThread thread : threads) {
            ended &= thread.join(Duration.ofNanos(Math.max(0, deadline - System.nanoTime())));
        }
        return ended;
    }

    void interrupt() {
        threads.forEach(HandlingThread::interrupt);
    }

    boolean isCurrent() {
        return threads.stream().anyMatch(HandlingThread::isCurrent);
    }

    boolean isAlive() {
        return threads.stream().allMatch(HandlingThread::isAlive);
    }
}
