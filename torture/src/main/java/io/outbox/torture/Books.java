package io.outbox.torture;

import io.outbox.jdbc.OutboxSchema;
import io.outbox.torture.history.History;
import io.outbox.torture.worker.DatabaseKind;
import io.outbox.torture.worker.WriterKeys;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
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
        return count("outbox_message") + count("outbox_parked");
    }

    /** Returns how many messages have not taken effect; right unless some did twice. */
    long withoutEffect() throws SQLException {
        return count("torture_order") - count("torture_effect");
    }

    private long count(String table) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select count(*) from " + table)) {
            row.next();
            return row.getLong(1);
        }
    }

    /** Tells a history what was committed and what took effect; returns the longest time between two effects. */
    Outage tell(History history) throws SQLException {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            try (ResultSet row = statement.executeQuery("select name, number from torture_order")) {
                while (row.next()) {
                    history.committed(row.getString(1), row.getInt(2));
                }
            }
            return tellEffects(history, statement);
        }
    }

    private static Outage tellEffects(History history, Statement statement) throws SQLException {
        Outage longest = new Outage(Instant.EPOCH, Instant.EPOCH);
        Instant last = null;
        try (ResultSet row = statement.executeQuery("select name, number, id, at from torture_effect order by id")) {
            while (row.next()) {
                history.tookEffect(row.getString(1), row.getInt(2), "row " + row.getLong(3));
                Instant at = row.getTimestamp(4).toInstant();
                if (last != null && Duration.between(last, at).compareTo(longest.length()) > 0) {
                    longest = new Outage(last, at);
                }
                last = last == null || at.isAfter(last) ? at : last;
            }
        }
        return longest;
    }
}
