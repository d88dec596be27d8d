package io.outbox.relay;

import io.outbox.spi.OutboxStore;
import java.util.List;
import java.util.OptionalLong;

/**
 * Deletes acknowledged messages from the hot table in batches, by their ids, or moves them to the archive. A batch that fails is tried again; until
 * then its messages stay in flight, so that nothing reads them again.
 */
final class DeletePass implements PassLoop.Pass {
    /** Hears that messages are done. */
    @FunctionalInterface
    interface Done {
        void published(int messages);
    }

    private final OutboxStore<?> store;
    private final boolean archives;
    private final int batchSize;
    private final long delayNanos;
    private final ReadCursor cursor;
    private final Window window;
    private final Done done;

    DeletePass(OutboxStore<?> store, RelaySettings settings, ReadCursor cursor, Window window, Done done) {
        this.store = store;
        archives = settings.archives();
        batchSize = settings.batchSize();
        delayNanos = settings.deleteDelay().toNanos();
        this.cursor = cursor;
        this.window = window;
        this.done = done;
    }

    @Override
    public long run() {
        List<InFlightMessage> taken = window.takeAcknowledged(batchSize);
        if (taken.isEmpty()) {
            return PassLoop.UNTIL_WOKEN;
        }
        long position = cursor.position();
        boolean ok = false;
        try {
            OptionalLong number = archives ? store.archive(idsOf(taken)) : store.delete(idsOf(taken));
            number.ifPresent(n -> cursor.mark(position, n));
            ok = true;
        } finally {
            if (!ok) {
                window.notDeleted(taken);
            }
        }
        window.deleted(taken);
        done.published(taken.size());
        return taken.size() == batchSize ? 0 : delayNanos;
    }

    private static long[] idsOf(List<InFlightMessage> messages) {
        long[] ids = new long[messages.size()];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = messages.get(i).id;
        }
        return ids;
    }
}
