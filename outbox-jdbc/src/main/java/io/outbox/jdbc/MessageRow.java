package io.outbox.jdbc;

import io.outbox.InvalidMessageException;
import io.outbox.spi.HeaderCodec;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.StoredMessage;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The columns that the hot table and the table of parked messages have in common, written and read. */
final class MessageRow {
    /** What {@link #write} sets. */
    static final String COLUMNS =
            "channel, shard, message_id, destination, message_key, type, content_type, headers, payload";

    static final String VALUES =
            ":channel, :shard, :messageId, :destination, :key, :type, :contentType, :headers, :payload";

    /** What {@link #read} reads, the payload left out when it is longer than {@code :maxPayload} bytes. */
    static final String SELECTED = """
            channel, shard, message_id, destination, message_key, type, content_type, headers, created_at,
            {size:payload} as payload_size,
            case when {size:payload} <= :maxPayload then payload end as payload""";

    /** As many columns, and one more, without values. */
    static final String NO_VALUES = "null, null, null, null, null, null, null, null, null, null, null, null";

    /** How many columns {@link #SELECTED} has. */
    static final int COUNT = 11;

    private static final Instant LATEST =
            LocalDate.of(9999, 12, 31).atStartOfDay(ZoneOffset.UTC).toInstant();
    private static final byte[] NONE = new byte[0];

    private MessageRow() {}

    static void write(Call call, OutboxRecord message, int shard) throws SQLException {
        call.set("channel", message.channel())
                .set("shard", shard)
                .set("messageId", message.messageId())
                .set("destination", message.destination())
                .setNullable("key", message.key())
                .set("type", message.type())
                .set("contentType", message.contentType())
                .setNullable("headers", HeaderCodec.toJson(message.headers()))
                .set("payload", message.payload());
    }

    /** Refuses a time that a database may be unable to keep. */
    static void check(OutboxRecord message) {
        Instant deliverAt = message.deliverAt();
        if (deliverAt != null && deliverAt.isAfter(LATEST)) {
            throw new InvalidMessageException("deliverAt of message " + message.messageId() + " must not be after "
                    + LATEST + ", was " + deliverAt);
        }
    }

    /**
     * Reads a message whose columns begin at {@code first}.
     *
     * @param deliverAt the time of a scheduled message
     */
    static StoredMessage read(
            Dialect dialect, ResultSet row, int first, long id, int attempt, @Nullable Instant deliverAt)
            throws SQLException {
        byte[] payload = row.getBytes(first + 10);
        Map<String, String> headers = Map.of();
        @Nullable String defect = null;
        try {
            headers = HeaderCodec.fromJson(row.getString(first + 7));
        } catch (IllegalArgumentException e) { // of one message: the others must go on
            defect = e.getMessage();
        }
        OutboxRecord message = new OutboxRecord(
                row.getString(first + 2),
                row.getString(first),
                row.getString(first + 3),
                row.getString(first + 4),
                row.getString(first + 5),
                row.getString(first + 6),
                headers,
                payload == null ? NONE : payload,
                deliverAt);
        return new StoredMessage(
                id,
                row.getInt(first + 1),
                dialect.instant(row, first + 8),
                attempt,
                row.getInt(first + 9),
                message,
                defect);
    }
}
