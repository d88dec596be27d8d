package io.outbox.torture;

import io.outbox.jdbc.OutboxSchema;
import io.outbox.torture.history.History;
import io.outbox.torture.history.Kind;
import io.outbox.torture.worker.DatabaseKind;
import io.outbox.torture.worker.WriterKeys;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.sql.DataSource;

/** The tables of the run, seen by the driver past all proxies. Confined to one thread. */
final class Books {
    private final DataSource dataSource;

    Books(DataSource dataSource) {
        this.dataSource = dataSource;
    }

    void create(DatabaseKind kind) throws SQLException {
        OutboxSchema.of(dataSource).create();
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            for (String table : kind.tables()) {
                statement.execute(table);
            }
            try (PreparedStatement insert = connection.prepareStatement("insert into torture_key values (?, 0)")) {
                for (String key : WriterKeys.all()) {
                    insert.setString(1, key);
                    insert.executeUpdate();
                }
            }
        }
    }

    /** Returns how many messages the library still has to do something about. */
    long waiting() throws SQLException {
        return count("outbox_message") + count("outbox_parked where state not in ('DEAD', 'DEAD_BLOCKING')");
    }

    /** Returns how many messages have not taken effect and should; right unless some did twice. */
    long withoutEffect() throws SQLException {
        String kinds = Stream.of(Kind.values())
                .filter(Kind::takesEffect)
                .map(kind -> "'" + kind + "'")
                .collect(Collectors.joining(", "));
        return count("torture_order where kind in (" + kinds + ")") - count("torture_effect");
    }

    private long count(String table) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from " + table)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Tells a history what was committed. */
    void tellCommitted(History history) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select name, number, kind, due_millis from torture_order")) {
            while (row.next()) {
                Kind kind = Kind.valueOf(row.getString(3));
                if (kind == Kind.SCHEDULED) {
                    history.scheduled(row.getString(1), row.getInt(2), Instant.ofEpochMilli(row.getLong(4)));
                } else {
                    history.committed(row.getString(1), row.getInt(2), kind);
                }
            }
        }
    }

    /** Tells a history what took effect; returns the longest time between two effects. */
    Outage tellEffects(History history) throws SQLException {
        Outage longest = new Outage(Instant.EPOCH, Instant.EPOCH);
        Instant last = null;
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row =
                        statement.executeQuery("select name, number, id, at_micros from torture_effect order by id")) {
            while (row.next()) {
                Instant at = Instant.EPOCH.plus(row.getLong(4), ChronoUnit.MICROS);
                history.tookEffect(row.getString(1), row.getInt(2), at, "row " + row.getLong(3));
                if (last != null && Duration.between(last, at).compareTo(longest.length()) > 0) {
                    longest = new Outage(last, at);
                }
                last = last == null || at.isAfter(last) ? at : last;
            }
        }
        return longest;
    }
}
