package io.outbox.torture.worker;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.Outbox;
import io.outbox.StoreException;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.Transactions;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Writes business rows and their messages in one transaction. The row of a key, locked until the end of the transaction,
 * gives numbers and lets the writers of a key follow one another. What was committed is what the business table says: the
 * writer keeps no account, and an answer that got lost needs none.
 */
public final class WriterJob implements Worker.Job {
    /** Printed after a transaction that was rolled back on purpose. */
    public static final String ROLLED_BACK = "rolled back";
    /** Printed after one that stayed open for long and was committed. */
    public static final String LATE = "committed late";

    private static final int THREADS = 4;
    private static final int PAUSE_MILLIS = 80;
    private static final int HELD_MILLIS = 3_000;

    @Override
    public void run(HikariDataSource dataSource, BrokerClient broker, Random random, CountDownLatch stopping)
            throws InterruptedException {
        Transactions transactions = Transactions.of(dataSource);
        Outbox<Connection> outbox =
                Outbox.builder(JdbcOutboxStore.of(dataSource)).build();
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            Random own = new Random(random.nextLong());
            Thread thread = new Thread(
                    () -> new Writing(transactions, new KeyWriter(outbox, broker, own), own, stopping).run(),
                    "writer-" + i);
            thread.start();
            threads.add(thread);
        }
        for (Thread thread : threads) {
            thread.join();
        }
    }

    /** A transaction that ends without a commit though nothing is wrong. */
    private static final class RollBackException extends Exception {
        private static final long serialVersionUID = 1;
    }

    private record Writing(Transactions transactions, KeyWriter keyWriter, Random random, CountDownLatch stopping) {

        void run() {
            try {
                while (!stopping.await(random.nextInt(PAUSE_MILLIS), TimeUnit.MILLISECONDS)) {
                    write();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }

        private void write() throws InterruptedException {
            boolean holds = random.nextInt(40) == 0;
            boolean rollsBack = random.nextInt(12) == 0;
            TreeSet<String> keys = new TreeSet<>(); // sorted, or two writers would wait for each other
            for (int i = 0; i <= random.nextInt(2); i++) {
                keys.add(WriterKeys.all().get(random.nextInt(WriterKeys.all().size())));
            }
            try {
                transactions.<Integer, Exception>inTransaction(connection -> {
                    for (String key : keys) {
                        keyWriter.write(connection, key);
                    }
                    if (holds) {
                        stopping.await(random.nextInt(HELD_MILLIS), TimeUnit.MILLISECONDS);
                    }
                    if (rollsBack) {
                        throw new RollBackException();
                    }
                    return keys.size();
                });
                if (holds) {
                    System.out.println(LATE);
                }
            } catch (RollBackException e) {
                System.out.println(ROLLED_BACK);
            } catch (StoreException | SQLException e) {
                System.out.println("a transaction failed: " + e);
                stopping.await(200, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("a writer does not know how to go on", e);
            }
        }
    }
}
