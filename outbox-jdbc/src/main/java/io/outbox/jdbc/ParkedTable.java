package io.outbox.jdbc;

import static java.util.Objects.requireNonNull;

import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import io.outbox.spi.ParkedState;
import io.outbox.spi.Parking;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Messages off the hot path: into the table, out of it, and what operators do with them.
 *
 * <p>Every statement runs on the connection it is given, in its transaction or in auto-commit mode.
 */
final class ParkedTable {
    private static final String SCHEDULE =
            "insert into {parked} (message_seq, state, attempts, not_before, deliver_at, " + MessageRow.COLUMNS
                    + ") values (0, 'SCHEDULED', 0, :deliverAt, :deliverAt, " + MessageRow.VALUES + ")";

    // Primary key of the hot table: the row itself, since the relay may not have its payload; nothing when it is gone.
    private static final String PARK = """
            insert into {parked} (message_seq, state, attempts, not_before, last_error, created_at, $COLUMNS)
            select id, {string:state}, {number:attempts}, {later}, {string:error},
                created_at, $COLUMNS
            from {message} where id = :id
            """.replace("$COLUMNS", MessageRow.COLUMNS);

    // Primary key.
    private static final String REPARK = """
            update {parked} set state = :state, attempts = :attempts, not_before = {later}, last_error = :error
            where parked_id = :id
            """;

    // Primary key.
    private static final String REDRIVE = """
            update {parked} set state = 'RETRY', attempts = 0, not_before = {later} where parked_id = :id
            """;

    // PostgreSQL: index parked_state alone.
    private static final String COUNT = """
            select count(*) from {parked} where channel = :channel and state {any:states}
            """;

    // Primary key from the last page on, or index parked_state where few messages are in these states.
    private static final String LIST =
            "select " + ParkedRow.SELECTED + " from {parked} $WHERE order by parked_id {limit:limit}";

    private final Dialect dialect;
    private final TableNames names;
    private final int shards;
    private final Sql schedule;
    private final Sql park;
    private final Sql leaveHot;
    private final Sql repark;
    private final Sql redrive;
    private final Sql delete;
    private final Sql count;

    ParkedTable(Dialect dialect, TableNames names, int shards) {
        this.dialect = dialect;
        this.names = names;
        this.shards = shards;
        schedule = dialect.sql(SCHEDULE, names);
        park = dialect.sql(PARK, names);
        leaveHot = dialect.sql(dialect.deleteMessages(), names);
        repark = dialect.byKey(REPARK, names);
        redrive = dialect.sql(REDRIVE, names);
        delete = dialect.byKey(dialect.deleteParked(), names);
        count = dialect.sql(COUNT, names);
    }

    void schedule(Connection connection, List<OutboxRecord> messages) throws SQLException {
        try (Call call = schedule.prepare(connection)) {
            for (OutboxRecord message : messages) {
                MessageRow.write(call, message, message.shard(shards));
                call.set("deliverAt", requireNonNull(message.deliverAt())).addBatch();
            }
            call.updateBatch();
        }
    }

    /** In one transaction, which holds the leases. */
    void park(Connection connection, Collection<Parking> parkings) throws SQLException {
        try (Call call = park.prepare(connection)) {
            for (Parking parking : parkings) {
                call.set("id", parking.message().id())
                        .set("state", parking.state().name())
                        .set("attempts", parking.attempts())
                        .set("delay", parking.delay().toMillis())
                        .setNullable("error", storable(parking.error()));
                if (dialect.batchesInsertSelect()) {
                    call.addBatch();
                } else {
                    call.update();
                }
            }
            if (dialect.batchesInsertSelect()) {
                call.updateBatch();
            }
        }
        try (Call call = leaveHot.prepare(connection)) {
            call.setLongs(
                            "ids",
                            parkings.stream().mapToLong(p -> p.message().id()).toArray())
                    .execute();
        }
    }

    /** In one transaction, which holds the lease. */
    boolean repark(
            Connection connection,
            long parkedId,
            ParkedState state,
            int attempts,
            Duration delay,
            @Nullable String error)
            throws SQLException {
        try (Call call = repark.prepare(connection)) {
            return call.set("id", parkedId)
                            .set("state", state.name())
                            .set("attempts", attempts)
                            .set("delay", delay.toMillis())
                            .setNullable("error", storable(error))
                            .update()
                    == 1;
        }
    }

    int delete(Connection connection, long[] parkedIds) throws SQLException {
        try (Call call = delete.prepare(connection)) {
            return call.setLongs("ids", parkedIds).update();
        }
    }

    long count(Connection connection, String channel, Set<ParkedState> states) throws SQLException {
        try (Call call = count.prepare(connection);
                ResultSet row = call.set("channel", channel)
                        .setStrings("states", namesOf(states))
                        .query()) {
            row.next();
            return row.getLong(1);
        }
    }

    List<ParkedMessage> list(Connection connection, ParkedQuery query) throws SQLException {
        try (Call call = selection(connection, LIST, query)) {
            return ParkedRow.list(call, dialect);
        }
    }

    /** In one transaction. */
    int redrive(Connection connection, ParkedQuery query, Duration spacing) throws SQLException {
        long[] ids = lock(connection, query);
        if (ids.length == 0) {
            return 0;
        }
        dialect.keepToKey(connection);
        try (Call call = redrive.prepare(connection)) {
            for (int i = 0; i < ids.length; i++) {
                call.set("id", ids[i])
                        .set("delay", spacing.multipliedBy(i + 1L).toMillis())
                        .addBatch();
            }
            call.updateBatch();
        }
        return ids.length;
    }

    /** In one transaction. */
    int discard(Connection connection, ParkedQuery query) throws SQLException {
        long[] ids = lock(connection, query);
        return ids.length == 0 ? 0 : delete(connection, ids);
    }

    private long[] lock(Connection connection, ParkedQuery query) throws SQLException {
        List<Long> ids = new ArrayList<>();
        try (Call call = selection(connection, dialect.lockParked(), query);
                ResultSet row = call.query()) {
            while (row.next()) {
                ids.add(row.getLong(1));
            }
        }
        return ids.stream().mapToLong(Long::longValue).sorted().toArray();
    }

    /** Only the conditions that are set become part of the statement, so that the database can plan for them. */
    private Call selection(Connection connection, String template, ParkedQuery query) throws SQLException {
        StringBuilder where = new StringBuilder("where state {any:states} and parked_id > :after");
        where.append(query.channel() == null ? "" : " and channel = :channel");
        where.append(query.destination() == null ? "" : " and destination = :destination");
        where.append(query.key() == null ? "" : " and {letters:message_key} = {letters::key}");
        where.append(query.messageId() == null ? "" : " and message_id = :messageId");
        where.append(query.errorContains() == null ? "" : " and " + dialect.contains("last_error", ":error"));
        where.append(query.olderThan() == null ? "" : " and parked_at <= {earlier}");
        Call call = dialect.sql(template.replace("$WHERE", where), names).prepare(connection);
        call.setStrings("states", namesOf(query.states()))
                .set("after", query.afterParkedId())
                .set("limit", query.limit())
                .setIfAny("channel", query.channel())
                .setIfAny("destination", query.destination())
                .setIfAny("key", query.key())
                .setIfAny("messageId", query.messageId())
                .setIfAny("error", query.errorContains());
        Duration olderThan = query.olderThan();
        return olderThan == null ? call : call.set("age", olderThan.toMillis());
    }

    private static List<String> namesOf(Collection<ParkedState> states) {
        return states.stream().map(ParkedState::name).toList();
    }

    /** Databases do not keep the character U+0000, which a broker's error text may contain. */
    private @Nullable String storable(@Nullable String error) {
        if (error == null) {
            return null;
        }
        String kept = error.substring(0, Math.min(error.length(), dialect.longestError()));
        return kept.replace('\0', '\uFFFD');
    }
}
