package io.outbox.torture.worker;

import com.zaxxer.hikari.HikariDataSource;
import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.StoreException;
import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.jdbc.Transactions;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
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

    private static final String NEXT = "update torture_key set last_number = last_number + ? where name = ?";
    private static final String LAST = "select last_number from torture_key where name = ?";
    private static final String INSERT = "insert into torture_order (name, number) values (?, ?)";

    private static final int THREADS = 4;
    private static final int MOST_MESSAGES = 3;
    /** What one transaction in {@link #ONE_IN} writes: enough for several of the relay's batches to be on their way. */
    private static final int BURST_MESSAGES = 1_500;

    private static final int ONE_IN = 500;
    private static final int PAUSE_MILLIS = 80;
    private static final int HELD_MILLIS = 3_000;
    private static final int SMALL_BYTES = 600;
    private static final int LARGE_BYTES = 120_000;

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
                    () -> new Writing(transactions, outbox, broker.destination(), own, stopping).run(), "writer-" + i);
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

    private record Writing(
            Transactions transactions,
            Outbox<Connection> outbox,
            String destination,
            Random random,
            CountDownLatch stopping) {

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
                keys.add(Numbered.key(random.nextInt(WriterKeys.COUNT)));
            }
            try {
                transactions.<Integer, Exception>inTransaction(connection -> {
                    for (String key : keys) {
                        write(connection, key);
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

        private void write(Connection connection, String key) throws SQLException {
            int messages = 1 + random.nextInt(random.nextInt(ONE_IN) == 0 ? BURST_MESSAGES : MOST_MESSAGES);
            int last = next(connection, key, messages);
            for (int number = last - messages + 1; number <= last; number++) {
                insert(connection, key, number);
                int padding = random.nextInt(500) == 0 ? random.nextInt(LARGE_BYTES) : random.nextInt(SMALL_BYTES);
                Message.Builder message =
                        Message.to(destination).type("numbered").payload(new Numbered(key, number).payload(padding));
                if (Numbered.isOrdered(key)) {
                    message.key(key);
                }
                outbox.publish(connection, message.build());
            }
        }

        private static int next(Connection connection, String key, int messages) throws SQLException {
            try (PreparedStatement update = connection.prepareStatement(NEXT);
                    PreparedStatement select = connection.prepareStatement(LAST)) {
                update.setInt(1, messages);
                update.setString(2, key);
                update.executeUpdate();
                select.setString(1, key);
                try (ResultSet row = select.executeQuery()) {
                    row.next();
                    return row.getInt(1);
                }
            }
        }

        private static void insert(Connection connection, String key, int number) throws SQLException {
            try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
                insert.setString(1, key);
                insert.setInt(2, number);
                insert.executeUpdate();
            }
        }
    }
}
