package io.outbox.jdbc;

import io.outbox.StoreException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Writers that serialise the transactions of each key, hold some of them open for long, roll some back, and remember what
 * was committed in which order.
 */
final class KeyedWriters implements AutoCloseable {
    private final RelaySetting setting;
    private final List<Thread> threads = new ArrayList<>();
    private final List<Object> locks = new ArrayList<>();
    private final CountDownLatch stop = new CountDownLatch(1);
    final Map<String, List<String>> committed = new ConcurrentHashMap<>();
    /** Commits that failed, so that nobody knows whether they took effect. */
    final Map<String, Boolean> unknown = new ConcurrentHashMap<>();

    KeyedWriters(RelaySetting setting, int keys, int writers) {
        this.setting = setting;
        for (int i = 0; i < keys; i++) {
            locks.add(new Object());
        }
        for (int i = 0; i < writers; i++) {
            Random random = new Random(i);
            Thread thread = new Thread(() -> write(random), "writer-" + i);
            threads.add(thread);
            thread.start();
        }
    }

    private void write(Random random) {
        try {
            while (!stop.await(random.nextInt(4), TimeUnit.MILLISECONDS)) {
                int key = random.nextInt(locks.size());
                synchronized (locks.get(key)) {
                    oneTransaction("k" + key, random);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Publishes on a plain connection, so that the id is drawn long before the commit. */
    private void oneTransaction(String key, Random random) throws InterruptedException {
        var message = setting.message(key).build();
        String payload = (String) message.payload();
        boolean committing = false;
        try (var connection = setting.dataSource.getConnection()) {
            connection.setAutoCommit(false);
            setting.outbox.publish(connection, message);
            int hold = random.nextInt(40) == 0 ? 200 + random.nextInt(800) : random.nextInt(4);
            stop.await(hold, TimeUnit.MILLISECONDS);
            if (random.nextInt(10) == 0) {
                connection.rollback();
            } else {
                committing = true;
                connection.commit();
                committed.computeIfAbsent(key, k -> new ArrayList<>()).add(payload);
            }
        } catch (SQLException | StoreException e) {
            if (committing) {
                unknown.put(payload, true);
            }
        }
    }

    int count() {
        return committed.values().stream().mapToInt(List::size).sum();
    }

    @Override
    public void close() throws InterruptedException {
        stop.countDown();
        for (Thread thread : threads) {
            thread.join();
        }
    }
}
