package io.outbox.jdbc;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.relay.Relay;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import io.outbox.testkit.internal.ChildJvm;
import java.io.BufferedReader;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;

/** Writers and a relay on a SQLite file, in a JVM of their own that a test can kill. Tells on its output what it sent. */
final class SqliteProcess {
    private final Process process;
    private final Thread reader;

    private SqliteProcess(Process process, Thread reader) {
        this.process = process;
        this.reader = reader;
    }

    /** Starts it; what it sends is added to a list that many threads may use. */
    static SqliteProcess start(String url, int writers, List<String> sent) throws IOException {
        Process process = ChildJvm.of(SqliteProcess.class, url, Integer.toString(writers))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        Thread reader = new Thread(() -> read(process, sent));
        reader.start();
        return new SqliteProcess(process, reader);
    }

    private static void read(Process process, List<String> sent) {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                if (line.startsWith("sent ")) {
                    sent.add(line.substring("sent ".length()));
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Kills it at once, and waits for its end and that of its output, which {@link Process#destroyForcibly} would close. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly();
        process.waitFor();
        reader.join();
    }

    /** Runs until it is killed. */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        HikariConfig configuration = new HikariConfig();
        configuration.setJdbcUrl(arguments[0]);
        HikariDataSource dataSource = new HikariDataSource(configuration);
        JdbcOutboxStore store = JdbcOutboxStore.of(dataSource);
        Relay.builder(store)
                .publisher(new Printer(out))
                .leaseTime(Duration.ofSeconds(2))
                .build()
                .start();
        Outbox<Connection> outbox = Outbox.builder(store).build();
        Transactions transactions = Transactions.of(dataSource);
        for (int writer = 0; writer < Integer.parseInt(arguments[1]); writer++) {
            String key = "k" + writer;
            new Thread(() -> {
                        while (true) {
                            writeOne(transactions, outbox, key);
                            LockSupport.parkNanos(2_000_000); // who waits for the lock is not served in turn
                        }
                    })
                    .start();
        }
        Thread.currentThread().join();
    }

    /** An order with the key's next number, and a message about it. */
    private static void writeOne(Transactions transactions, Outbox<Connection> outbox, String key) {
        try {
            transactions.<Void, Exception>inTransaction(connection -> {
                int number;
                try (PreparedStatement insert = connection.prepareStatement(
                        "insert into orders (key, number) select ?, count(*) from orders where key = ?"
                                + " returning number")) {
                    insert.setString(1, key);
                    insert.setString(2, key);
                    try (var row = insert.executeQuery()) {
                        row.next();
                        number = row.getInt(1);
                    }
                }
                outbox.publish(
                        connection,
                        Message.to("orders")
                                .key(key)
                                .type("order.placed")
                                .payload(key + " " + number)
                                .build());
                return null;
            });
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /** Prints what is published. */
    private record Printer(PrintStream out) implements Publisher {
        @Override
        public void publish(StoredMessage message, Confirmation confirmation) {
            out.println("sent " + new String(message.message().payload(), StandardCharsets.UTF_8));
            confirmation.complete(PublishOutcome.published());
        }

        @Override
        public boolean keepsOrder() {
            return true;
        }

        @Override
        public void close() {}
    }
}
