package io.outbox.jdbc;

import io.outbox.spi.OutboxRecord;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;

/** Messages off the hot path. */
final class ParkedTable {
    private static final String SCHEDULE = "insert into {parked} (message_seq, state, attempts, not_before, "
            + MessageRow.COLUMNS + ") values (0, 'SCHEDULED', 0, :notBefore, " + MessageRow.VALUES + ")";

    private final int shards;
    private final Sql schedule;

    ParkedTable(Dialect dialect, TableNames names, int shards) {
        this.shards = shards;
        schedule = dialect.sql(SCHEDULE, names);
    }

    void schedule(Connection connection, List<OutboxRecord> messages) throws SQLException {
        try (Call call = schedule.prepare(connection)) {
            for (OutboxRecord message : messages) {
                MessageRow.write(call, message, message.shard(shards));
                call.set("notBefore", message.deliverAt()).addBatch();
            }
            call.updateBatch();
        }
    }
}
