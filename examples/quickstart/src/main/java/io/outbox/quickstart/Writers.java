package io.outbox.quickstart;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Several threads that place orders; those of one customer by the same thread, one after the other, which is what makes
 * their messages arrive in order.
 */
final class Writers implements OrderFile.Sink {
    private static final int THREADS = 4;
    private static final int QUEUED = 1000;
    private static final int ROLLED_BACK_ONE_IN = 50;
    private static final String CONSTRAINT_VIOLATION = "23";
    private static final Work END = new Work(0, null);

    private final Shop shop;
    private final Counts counts;
    private final boolean chaos;
    private final List<BlockingQueue<Work>> queues = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicReference<@Nullable Exception> failure = new AtomicReference<>();

    /** One order and the line it came from. */
    private record Work(long line, @Nullable Order order) {}

    Writers(Shop shop, Counts counts, boolean chaos) {
        this.shop = shop;
        this.counts = counts;
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
        counts.lines.incrementAndGet();
        queues.get(Math.floorMod(order.customer().hashCode(), THREADS)).put(new Work(line, order));
    }

    @Override
    public void malformed(long line, String reason) {
        counts.lines.incrementAndGet();
        counts.malformed.add(line, reason);
    }

    /** Waits until all orders are placed; throws the first failure of the database. */
    void finish() throws Exception {
        for (BlockingQueue<Work> queue : queues) {
            queue.put(END);
        }
        for (Thread thread : threads) {
            thread.join();
        }
        Exception failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }

    private void placeAll(BlockingQueue<Work> queue) {
        Random random = new Random();
        try {
            for (Work work = queue.take(); work.order() != null; work = queue.take()) {
                if (failure.get() == null) {
                    place(work.line(), work.order(), random);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void place(long line, Order order, Random random) {
        try {
            if (chaos && random.nextInt(ROLLED_BACK_ONE_IN) == 0) {
                placeAndRollBack(order);
            }
            shop.place(order, false);
            counts.committed.incrementAndGet();
        } catch (SQLException e) {
            if (String.valueOf(e.getSQLState()).startsWith(CONSTRAINT_VIOLATION)) {
                counts.malformed.add(line, "another line has the same order id");
            } else {
                failure.compareAndSet(null, e);
            }
        } catch (RuntimeException e) {
            failure.compareAndSet(null, e);
        }
    }

    private void placeAndRollBack(Order order) throws SQLException {
        try {
            shop.place(order, true);
        } catch (Shop.DeclinedException e) {
            counts.rolledBack.incrementAndGet();
        }
    }
}
