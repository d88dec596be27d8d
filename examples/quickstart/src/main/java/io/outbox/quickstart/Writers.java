package io.outbox.quickstart;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Several threads that place orders; those of one customer by the same thread, one after the other, which is what makes
 * their messages arrive in order.
 */
final class Writers implements OrderFile.Sink {
    private static final int THREADS = 4;
    private static final int QUEUED = 1000;
    private static final int ROLLED_BACK_ONE_IN = 50;

    private final Shop shop;
    private final boolean chaos;
    private final List<BlockingQueue<Work>> queues = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong committed = new AtomicLong();
    private final AtomicLong rolledBack = new AtomicLong();
    private final ConcurrentSkipListMap<Long, String> malformed = new ConcurrentSkipListMap<>();
    private volatile @Nullable Exception failure;

    /** One order and the line it came from; no order means the end. */
    private record Work(long line, @Nullable Order order) {}

    Writers(Shop shop, boolean chaos) {
        this.shop = shop;
        this.chaos = chaos;
        for (int i = 0; i < THREADS; i++) {
            BlockingQueue<Work> queue = new ArrayBlockingQueue<>(QUEUED);
            queues.add(queue);
            Thread thread = new Thread(() -> placeAll(queue), "quickstart-writer-" + i);
            thread.setDaemon(true);
            threads.add(thread);
            thread.start();
        }
    }

    @Override
    public void order(long line, Order order) throws InterruptedException {
        queues.get(Math.floorMod(order.customer().hashCode(), THREADS)).put(new Work(line, order));
    }

    @Override
    public void malformed(long line, String reason) {
        malformed.put(line, reason);
    }

    /** Waits until all orders are placed; throws when the database failed. */
    void finish() throws Exception {
        for (BlockingQueue<Work> queue : queues) {
            queue.put(new Work(0, null));
        }
        for (Thread thread : threads) {
            thread.join();
        }
        if (failure != null) {
            throw failure;
        }
    }

    private void placeAll(BlockingQueue<Work> queue) {
        Random random = new Random();
        try {
            for (Work work = queue.take(); work.order() != null; work = queue.take()) {
                place(work.line(), work.order(), random);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void place(long line, Order order, Random random) {
        try {
            if (chaos && random.nextInt(ROLLED_BACK_ONE_IN) == 0) {
                decline(order);
            }
            shop.place(order, false);
            committed.incrementAndGet();
        } catch (SQLException e) {
            if (String.valueOf(e.getSQLState()).startsWith("23")) {
                malformed.put(line, "order " + order.id() + " was there already");
            } else {
                failure = e;
            }
        } catch (RuntimeException e) {
            failure = e;
        }
    }

    private void decline(Order order) throws SQLException {
        try {
            shop.place(order, true);
        } catch (Shop.Declined e) {
            rolledBack.incrementAndGet();
        }
    }

    long committed() {
        return committed.get();
    }

    long rolledBack() {
        return rolledBack.get();
    }

    ConcurrentSkipListMap<Long, String> malformed() {
        return malformed;
    }
}
