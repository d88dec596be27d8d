package io.outbox.jdbc;

import static java.util.Objects.requireNonNull;

import io.outbox.StoreException;
import io.outbox.spi.ArchivedMessage;
import io.outbox.spi.Lease;
import io.outbox.spi.LeaseView;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.OutboxStore;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Parking;
import io.outbox.spi.ReadRequest;
import io.outbox.spi.ReadResult;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * The outbox in tables of the service's own database: PostgreSQL 12, MariaDB 10.6, MySQL 8.0.17, SQLite 3.35, SQL
 * Server 2017, Oracle 19c and newer, or H2 2.x; the manual says which are tested. {@link OutboxSchema} makes them.
 *
 * <p>Messages are appended on the caller's connection. Everything else runs on connections that are borrowed from the
 * data source for one operation each, in auto-commit mode or in one short transaction, at READ COMMITTED (SQLite: SERIALIZABLE), and given back
 * as they came. The first use checks the version of the tables. Thread-safe; make one and share it.
 */
public final class JdbcOutboxStore implements OutboxStore<Connection>, AutoCloseable {
    private final DataSource dataSource;
    private final Database database;
    private final @Nullable Runnable closePool;
    private final boolean notifies;
    private final CommitListeners listeners = new CommitListeners();
    /** Made on first use; two threads may make it twice, to the same effect. */
    private volatile @Nullable Tables tables;

    private JdbcOutboxStore(DataSource dataSource, TableNames names, @Nullable Runnable closePool) {
        this(dataSource, new Database(dataSource::getConnection, names), closePool, false);
    }

    private JdbcOutboxStore(DataSource dataSource, Database database, @Nullable Runnable closePool, boolean notifies) {
        this.dataSource = dataSource;
        this.database = database;
        this.closePool = closePool;
        this.notifies = notifies;
    }

    /**
     * Makes a store on the tables of the standard names. Nothing is asked of the database yet.
     *
     * @param dataSource where connections come from; stays the caller's. A pool, unless the database is in memory
     * @return a thread-safe store
     */
    public static JdbcOutboxStore of(DataSource dataSource) {
        return of(dataSource, TableNames.standard());
    }

    /**
     * Makes a store on tables of other names. Nothing is asked of the database yet.
     *
     * @param dataSource where connections come from; stays the caller's
     * @param names schema and prefix of the tables
     * @return a thread-safe store
     */
    public static JdbcOutboxStore of(DataSource dataSource, TableNames names) {
        return new JdbcOutboxStore(requireNonNull(dataSource, "dataSource"), requireNonNull(names, "names"), null);
    }

    /**
     * Makes a store with a connection pool of its own, which {@link #close} closes. Needs HikariCP on the class path.
     *
     * @param url the JDBC URL
     * @param user the user; null when the URL says it
     * @param password the password; null when the URL says it
     * @param names schema and prefix of the tables
     * @return a thread-safe store
     * @throws IllegalStateException when HikariCP is missing
     * @throws io.outbox.StoreException when the database cannot be reached
     */
    public static JdbcOutboxStore ofUrl(
            String url, @Nullable String user, @Nullable String password, TableNames names) {
        requireNonNull(url, "url");
        requireNonNull(names, "names");
        ConnectionPool pool = ConnectionPool.open(url, user, password);
        return new JdbcOutboxStore(pool.dataSource(), names, pool::close);
    }

    /**
     * Returns a store that notifies relays of other processes of each commit, on PostgreSQL, where they listen with
     * {@link WakeUps}. Without it they find messages at their next poll. It costs each transaction that publishes a round
     * trip, and PostgreSQL commits such transactions one after the other: see docs/databases.md for how much. Listeners of
     * {@link #onCommit} register with each store apart; {@link #close} closes the pool of both.
     *
     * @return a store on the same tables; on another database than PostgreSQL its {@code append} throws a {@link
     *     io.outbox.StoreException}
     */
    public JdbcOutboxStore withNotify() {
        return new JdbcOutboxStore(dataSource, database, closePool, true);
    }

    /**
     * Returns the data source, for use with {@link Transactions} and {@link JdbcDedupStore}.
     *
     * @return the caller's own, or the pool of a store made from a URL
     */
    public DataSource dataSource() {
        return dataSource;
    }

    /**
     * Writes messages in the caller's transaction: at once, or, on a connection that {@link Transactions} has open on
     * this thread, together right before its commit. Costs one round trip, whatever their number.
     *
     * @param transaction a connection that is not in auto-commit mode; neither committed, rolled back nor closed here
     * @param messages what to write, in this order
     * @throws io.outbox.NoTransactionException when the connection is closed or in auto-commit mode
     * @throws io.outbox.TransientStoreException when it may succeed in another transaction
     * @throws io.outbox.StoreException when the database refuses; the transaction should be rolled back
     */
    @Override
    public void append(Connection transaction, List<OutboxRecord> messages) {
        requireNonNull(transaction, "transaction");
        messages.forEach(MessageRow::check);
        TransactionScope scope = TransactionScope.of(transaction);
        if (scope != null) {
            scope.append(this, messages);
        } else {
            write(transaction, messages);
        }
    }

    /** Writes messages now. */
    void write(Connection transaction, List<OutboxRecord> messages) {
        database.join("append " + messages.size() + " messages", transaction, connection -> {
            Tables to = tables(connection);
            List<OutboxRecord> hot =
                    messages.stream().filter(m -> m.deliverAt() == null).toList();
            if (!hot.isEmpty()) {
                to.hot().insert(connection, hot);
            }
            if (hot.size() < messages.size()) {
                to.parked()
                        .schedule(
                                connection,
                                messages.stream()
                                        .filter(m -> m.deliverAt() != null)
                                        .toList());
            }
            if (notifies) {
                notifyListeners(connection);
            }
            return messages.size();
        });
    }

    private void notifyListeners(Connection connection) throws SQLException {
        String notify = database.dialect(connection).notifyListeners(database.names());
        if (notify == null) {
            throw new StoreException("withNotify needs PostgreSQL");
        }
        try (Statement statement = connection.createStatement()) {
            statement.execute(notify);
        }
    }

    /** Tells the listeners of a commit. */
    void notifyCommitted(Set<String> channels) {
        listeners.notifyAbout(channels);
    }

    /**
     * Registers a listener for commits of {@link Transactions}; of commits that callers make themselves this store cannot
     * know.
     *
     * @param listener called after a commit, with a channel that has new messages; what it throws is logged
     * @return ends the registration when run; repeating it does nothing
     */
    @Override
    public Runnable onCommit(Consumer<String> listener) {
        return listeners.add(requireNonNull(listener, "listener"));
    }

    @Override
    public int shards() {
        Tables known = tables;
        return known != null
                ? known.shards()
                : database.run(
                        "read the number of shards",
                        connection -> tables(connection).shards());
    }

    @Override
    public ReadResult read(ReadRequest request) {
        return database.run(
                "read messages", connection -> tables(connection).hot().read(connection, request));
    }

    @Override
    public long[] idsBetween(String channel, Set<Integer> shards, long afterId, long upToId, int limit) {
        return database.run(
                "list ids",
                connection -> tables(connection).hot().idsBetween(connection, channel, shards, afterId, upToId, limit));
    }

    @Override
    public ReadResult load(long[] ids) {
        return database.run(
                "load messages", connection -> tables(connection).hot().load(connection, ids));
    }

    @Override
    public OptionalLong delete(long[] ids) {
        return database.run(
                "delete " + ids.length + " messages",
                connection -> tables(connection).hot().delete(connection, ids));
    }

    @Override
    public OptionalLong archive(long[] ids) {
        return database.transaction("archive " + ids.length + " messages", connection -> {
            tables(connection).archive().copyHot(connection, ids);
            return tables(connection).hot().delete(connection, ids);
        });
    }

    @Override
    public void archiveParked(long[] parkedIds) {
        database.actInTransaction("archive " + parkedIds.length + " parked messages", connection -> {
            tables(connection).archive().copyParked(connection, parkedIds);
            tables(connection).parked().delete(connection, parkedIds);
        });
    }

    @Override
    public List<ArchivedMessage> archived(String messageId) {
        return database.run(
                "find message " + messageId + " in the archive",
                connection -> tables(connection).archive().find(connection, messageId));
    }

    @Override
    public int purgeArchive(Duration age, int limit) {
        return database.run(
                "purge the archive", connection -> tables(connection).archive().purge(connection, age, limit));
    }

    /**
     * Returns how long the oldest waiting message of a channel has been waiting in the hot table, on the database's clock.
     *
     * <p>The cost is bounded: at most 500,000 messages of other channels are passed over, and the next call goes on from
     * there. Behind a larger backlog of others, the first calls may find none; and a message that was committed more than
     * 10,000 ids late may be missing from the answer until it is published.
     *
     * @param channel the channel
     * @return its age; empty when none was found
     */
    @Override
    public Optional<Duration> oldestWaiting(String channel) {
        return database.run(
                "find the oldest message",
                connection -> tables(connection).hot().oldestWaiting(connection, channel));
    }

    @Override
    public void join(String channel, String relayId, Duration leaseTime) {
        database.actInTransaction("add leases", connection -> {
            tables(connection).leases().addLeases(connection, channel);
        });
        database.act("join as relay " + relayId, connection -> {
            tables(connection).leases().addRelay(connection, channel, relayId, leaseTime);
        });
    }

    @Override
    public Optional<LeaseView> heartbeat(String channel, String relayId, Duration leaseTime) {
        return database.run(
                "renew the heartbeat of relay " + relayId,
                connection -> tables(connection).leases().heartbeat(connection, channel, relayId, leaseTime));
    }

    @Override
    public List<Lease> claim(String channel, String relayId, Collection<Lease> leases) {
        database.act("remove expired relays", connection -> {
            tables(connection).leases().removeExpired(connection, channel, relayId);
        });
        return database.transaction(
                "claim shards for relay " + relayId,
                connection -> tables(connection).leases().claim(connection, channel, relayId, leases));
    }

    @Override
    public void release(String channel, String relayId, Set<Integer> shards) {
        database.actInTransaction("release shards of relay " + relayId, connection -> {
            tables(connection).leases().release(connection, channel, relayId, shards);
        });
    }

    @Override
    public void leave(String channel, String relayId) {
        database.actInTransaction("leave as relay " + relayId, connection -> {
            tables(connection).leases().leave(connection, channel, relayId);
        });
    }

    @Override
    public boolean park(String relayId, Collection<Parking> parkings) {
        return database.transaction("park " + parkings.size() + " messages", connection -> {
            Tables to = tables(connection);
            boolean isOwner = to.leases()
                    .lock(
                            connection,
                            relayId,
                            parkings.stream().map(Parking::message).toList());
            if (isOwner) {
                to.parked().park(connection, parkings);
            }
            return isOwner;
        });
    }

    @Override
    public List<ParkedMessage> due(String channel, Set<Integer> shards, int limit) {
        return database.run(
                "find due messages", connection -> tables(connection).due().due(connection, channel, shards, limit));
    }

    @Override
    public List<ParkedMessage> dueWhileNothingBlocks(String channel, Set<Integer> shards, int limit) {
        return database.run(
                "find due messages",
                connection -> tables(connection).due().dueWhileNothingBlocks(connection, channel, shards, limit));
    }

    @Override
    public List<ParkedMessage> behind(ParkedMessage head, int limit) {
        return database.run(
                "find messages behind another",
                connection -> tables(connection).due().behind(connection, head, limit));
    }

    @Override
    public boolean hasBlocking(String channel, Set<Integer> shards) {
        return database.run(
                "look for blocked keys",
                connection -> tables(connection).due().hasBlocking(connection, channel, shards));
    }

    @Override
    public boolean repark(
            String relayId,
            ParkedMessage message,
            ParkedState state,
            int attempts,
            Duration delay,
            @Nullable String error) {
        return database.transaction(
                "park message " + message.message().message().messageId() + " again", connection -> {
                    Tables to = tables(connection);
                    return to.leases().lock(connection, relayId, List.of(message.message()))
                            && to.parked().repark(connection, message.parkedId(), state, attempts, delay, error);
                });
    }

    @Override
    public void deleteParked(long[] parkedIds) {
        database.run(
                "delete " + parkedIds.length + " parked messages",
                connection -> tables(connection).parked().delete(connection, parkedIds));
    }

    @Override
    public List<ParkedMessage> list(ParkedQuery query) {
        return database.run(
                "list parked messages",
                connection -> tables(connection).parked().list(connection, query));
    }

    @Override
    public long count(String channel, Set<ParkedState> states) {
        return database.run(
                "count parked messages",
                connection -> tables(connection).parked().count(connection, channel, states));
    }

    @Override
    public int redrive(ParkedQuery query, Duration spacing) {
        return database.transaction(
                "redrive parked messages",
                connection -> tables(connection).parked().redrive(connection, query, spacing));
    }

    @Override
    public int discard(ParkedQuery query) {
        return database.transaction(
                "discard parked messages",
                connection -> tables(connection).parked().discard(connection, query));
    }

    /** Closes the connection pool of a store that was made from a URL; does nothing for any other, or the second time. */
    @Override
    public void close() {
        if (closePool != null) {
            closePool.run();
        }
    }

    private Tables tables(Connection connection) throws SQLException {
        Tables known = tables;
        if (known == null) {
            // on the connection at hand: a second one might not be had while the caller keeps the pool's last one
            known = Tables.on(connection, database.dialect(connection), database.names());
            tables = known;
        }
        return known;
    }
}
