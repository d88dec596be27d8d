package io.outbox.jdbc;

import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedState;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A row of the table of parked messages. */
final class ParkedRow {
    /** What {@link #read} reads. */
    static final String SELECTED =
            "parked_id, message_seq, state, attempts, not_before, parked_at, last_error, deliver_at, "
                    + MessageRow.SELECTED;

    private ParkedRow() {}

    /** Reads all rows, with their payloads whatever their length. */
    static List<ParkedMessage> list(Call call, Dialect dialect) throws SQLException {
        List<ParkedMessage> found = new ArrayList<>();
        try (ResultSet row = call.set("maxPayload", Integer.MAX_VALUE).query()) {
            while (row.next()) {
                found.add(read(dialect, row));
            }
        }
        return found;
    }

    private static ParkedMessage read(Dialect dialect, ResultSet row) throws SQLException {
        int attempts = row.getInt(4);
        @Nullable Instant deliverAt = row.getObject(8) == null ? null : dialect.instant(row, 8);
        return new ParkedMessage(
                row.getLong(1),
                ParkedState.valueOf(row.getString(3)),
                attempts,
                dialect.instant(row, 5),
                dialect.instant(row, 6),
                row.getString(7),
                MessageRow.read(dialect, row, 9, row.getLong(2), attempts + 1, deliverAt));
    }
}
