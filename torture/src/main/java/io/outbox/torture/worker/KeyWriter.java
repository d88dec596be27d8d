package io.outbox.torture.worker;

import io.outbox.Message;
import io.outbox.Outbox;
import io.outbox.torture.history.Kind;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.util.Random;
import org.jspecify.annotations.Nullable;

/** Writes the next business rows of a key and their messages in a transaction. Confined to one thread. */
final class KeyWriter {
    private static final String NEXT = "update torture_key set last_number = last_number + ? where name = ?";
    private static final String LAST = "select last_number from torture_key where name = ?";
    private static final String INSERT =
            "insert into torture_order (name, number, kind, due_millis) values (?, ?, ?, ?)";

    private static final int MOST_MESSAGES = 3;
    /** What one transaction in {@link #ONE_IN} writes: enough for several of the relay's batches to be on their way. */
    private static final int BURST_MESSAGES = 1_500;

    private static final int ONE_IN = 500;
    private static final int SMALL_BYTES = 600;
    private static final int LARGE_BYTES = 90_000;
    private static final int ONE_IN_SCHEDULED = 25;
    private static final int ONE_IN_DEAD = 600;
    private static final int FIRST_DEAD = 3;
    private static final int DEAD_STEP = 70;
    private static final int DUE_MILLIS = 10_000;

    private final Outbox<Connection> outbox;
    private final BrokerClient broker;
    private final Random random;

    KeyWriter(Outbox<Connection> outbox, BrokerClient broker, Random random) {
        this.outbox = outbox;
        this.broker = broker;
        this.random = random;
    }

    void write(Connection connection, String key) throws SQLException {
        int messages = 1 + random.nextInt(random.nextInt(ONE_IN) == 0 ? BURST_MESSAGES : MOST_MESSAGES);
        int last = next(connection, key, messages);
        for (int number = last - messages + 1; number <= last; number++) {
            Kind kind = kind(key, number);
            Instant due = kind == Kind.SCHEDULED ? due() : null;
            insert(connection, new Numbered(key, number, kind), due);
            outbox.publish(connection, message(new Numbered(key, number, kind), due));
        }
    }

    /** Dead letters have fixed numbers, which differ from key to key: a short run has some, a long one not too many. */
    private Kind kind(String key, int number) {
        int place = Math.floorMod(number - FIRST_DEAD - DEAD_STEP * (key.hashCode() & 7), ONE_IN_DEAD);
        return switch (place) {
            case 0 -> Kind.REFUSED;
            case 1 -> Kind.UNHANDLED;
            default -> random.nextInt(ONE_IN_SCHEDULED) == 0 ? Kind.SCHEDULED : Kind.PLAIN;
        };
    }

    /** This machine's clock is the database's; in whole milliseconds, which every database and broker keeps. */
    private Instant due() {
        return Instant.ofEpochMilli(System.currentTimeMillis() + random.nextInt(DUE_MILLIS));
    }

    private Message message(Numbered numbered, @Nullable Instant due) {
        boolean isRefused = numbered.kind() == Kind.REFUSED;
        int padding = random.nextInt(500) == 0 ? random.nextInt(LARGE_BYTES) : random.nextInt(SMALL_BYTES);
        Message.Builder message = Message.to(isRefused ? broker.refusingDestination() : broker.destination())
                .type("numbered")
                .channel(numbered.channel())
                .payload(numbered.payload(isRefused ? broker.refusedBytes() : padding));
        if (Numbered.isOrdered(numbered.key())) {
            message.key(numbered.plainKey());
        }
        if (due != null) {
            message.deliverAt(due);
        }
        return message.build();
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

    private static void insert(Connection connection, Numbered message, @Nullable Instant due) throws SQLException {
        try (PreparedStatement insert = connection.prepareStatement(INSERT)) {
            insert.setString(1, message.key());
            insert.setInt(2, message.number());
            insert.setString(3, message.kind().name());
            if (due == null) {
                insert.setNull(4, Types.BIGINT);
            } else {
                insert.setLong(4, due.toEpochMilli());
            }
            insert.executeUpdate();
        }
    }
}
