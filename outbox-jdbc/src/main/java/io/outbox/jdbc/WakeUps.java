package io.outbox.jdbc;

import static java.util.Objects.requireNonNull;

import io.outbox.StoreException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.postgresql.PGConnection;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Wakes a relay when another process has committed messages, on PostgreSQL, through {@code LISTEN}: for those to whom the
 * relay's longest poll interval is too late. The other process says it with {@link JdbcOutboxStore#withNotify}, which has a
 * price; both need the same prefix of table names.
 *
 * <pre>{@code
 * try (WakeUps wakeUps = WakeUps.listen(dataSource, TableNames.standard(), relay::wake)) { … }
 * }</pre>
 *
 * <p>A hint and nothing more: what is not heard, because the connection was lost, is found by polling. Keeps one connection,
 * straight to the server and not through PgBouncer, and one thread, {@code outbox-listen-n}; connects again, once a second,
 * when the connection is lost. Thread-safe.
 */
public final class WakeUps implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(WakeUps.class);
    private static final AtomicInteger NUMBER = new AtomicInteger();
    /** How long closing may have to wait. */
    private static final int LISTEN_MILLIS = 500;

    /** A connection that is silently gone is found out after so many times of hearing nothing. */
    private static final int SILENCES = 60;

    private static final int ANSWER_SECONDS = 5;

    private final DataSource dataSource;
    private final String listen;
    private final Runnable wake;
    private final Thread thread;
    private final CountDownLatch closed = new CountDownLatch(1);

    private WakeUps(DataSource dataSource, String listen, Runnable wake) {
        this.dataSource = dataSource;
        this.listen = listen;
        this.wake = wake;
        thread = new Thread(this::run, "outbox-listen-" + NUMBER.incrementAndGet());
        thread.setDaemon(true);
    }

    /**
     * Starts to listen. Needs pgjdbc, which the application has anyway.
     *
     * @param dataSource where the connection comes from; one is kept until {@link #close}
     * @param names the names that the publishing store has
     * @param wake called when messages were committed, and after each connect; must return at once. What it throws is
     *     logged
     * @return an open listener
     * @throws StoreException when the database cannot be reached, or is not PostgreSQL
     */
    public static WakeUps listen(DataSource dataSource, TableNames names, Runnable wake) {
        requireNonNull(dataSource, "dataSource");
        requireNonNull(wake, "wake");
        String listen = "listen " + new PostgreSqlDialect().identifier(PostgreSqlDialect.topic(names));
        WakeUps wakeUps = new WakeUps(dataSource, listen, wake);
        // without listening, for what it heard then would pile up in the pool's connection
        try (Connection connection = dataSource.getConnection()) {
            connection.unwrap(PGConnection.class);
        } catch (SQLException e) {
            throw SqlErrors.translate("listen for notifications of PostgreSQL", null, e);
        }
        wakeUps.thread.start();
        return wakeUps;
    }

    private Connection connect() throws SQLException {
        Connection connection = dataSource.getConnection();
        try (Statement statement = connection.createStatement()) {
            connection.setAutoCommit(true);
            statement.execute(listen);
            return connection;
        } catch (SQLException e) {
            connection.close();
            throw e;
        }
    }

    private void run() {
        boolean isLost = false;
        while (closed.getCount() > 0) {
            try (Connection connection = connect()) {
                isLost = false;
                wake(); // for what was committed before
                hear(connection);
            } catch (SQLException e) {
                if (!isLost) {
                    LOG.warn("lost the connection that listens for notifications; polling goes on, and so do tries", e);
                }
                isLost = true;
                pause();
            }
        }
    }

    private void hear(Connection connection) throws SQLException {
        PGConnection postgres = connection.unwrap(PGConnection.class);
        int silences = 0;
        while (closed.getCount() > 0) {
            Object @Nullable [] heard = postgres.getNotifications(LISTEN_MILLIS);
            if (heard != null && heard.length > 0) {
                wake();
                silences = 0;
            } else if (++silences == SILENCES) {
                silences = 0;
                if (!connection.isValid(ANSWER_SECONDS)) {
                    throw new SQLException("the connection that listens is dead", "08006");
                }
            }
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute("unlisten *"); // a pool may give the connection to somebody else
        }
    }

    private void wake() {
        try {
            wake.run();
        } catch (RuntimeException e) {
            LOG.warn("could not wake the relay", e);
        }
    }

    private void pause() {
        try {
            boolean unused = closed.await(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            closed.countDown();
            Thread.currentThread().interrupt();
        }
    }

    /** Stops listening and gives the connection back, within a second. Repeating it does nothing. */
    @Override
    public void close() {
        closed.countDown();
        try {
            thread.join(TimeUnit.SECONDS.toMillis(ANSWER_SECONDS));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
