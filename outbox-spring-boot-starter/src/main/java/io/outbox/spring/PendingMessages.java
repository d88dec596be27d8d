package io.outbox.spring;

import io.outbox.Outbox;
import io.outbox.spi.OutboxRecord;
import java.sql.Connection;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;

/**
 * The messages of one transaction, which are written together: before the commit, when somebody asks for it, or when there are many.
 *
 * <p>What a savepoint's roll-back undoes is forgotten, written or not; and what came before the savepoint and was written after it is
 * written again. So once there is a savepoint, messages are kept until the transaction ends. Confined to the transaction's thread.
 */
final class PendingMessages {
    private static final int MANY = 500;
    private static final int MANY_BYTES = 4 * 1024 * 1024;

    private final Outbox<Connection> outbox;
    private final List<OutboxRecord> messages = new ArrayList<>();
    private final IdentityHashMap<Object, Mark> savepoints = new IdentityHashMap<>();
    private int written;
    private int unwrittenBytes;

    /**
     * The state at a savepoint.
     *
     * @param messages how many messages there were
     * @param written how many of them had been written
     */
    private record Mark(int messages, int written) {}

    PendingMessages(Outbox<Connection> outbox) {
        this.outbox = outbox;
    }

    void add(List<OutboxRecord> more) {
        messages.addAll(more);
        more.forEach(message -> unwrittenBytes += message.payload().length);
    }

    boolean areMany() {
        return messages.size() - written >= MANY || unwrittenBytes >= MANY_BYTES;
    }

    boolean areWritten() {
        return written == messages.size();
    }

    void write(Connection connection) {
        if (areWritten()) {
            return;
        }
        outbox.write(connection, List.copyOf(messages.subList(written, messages.size())));
        written = messages.size();
        unwrittenBytes = 0;
        if (savepoints.isEmpty()) {
            messages.clear();
            written = 0;
        }
    }

    void savepoint(Object savepoint) {
        savepoints.put(savepoint, new Mark(messages.size(), written));
    }

    /** A savepoint that is not known was set before the first message. */
    void savepointRollback(Object savepoint) {
        Mark mark = savepoints.getOrDefault(savepoint, new Mark(0, 0));
        messages.subList(mark.messages(), messages.size()).clear();
        written = mark.written();
        unwrittenBytes = messages.subList(written, messages.size()).stream()
                .mapToInt(message -> message.payload().length)
                .sum();
    }
}
