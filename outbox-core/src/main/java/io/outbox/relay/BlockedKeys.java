package io.outbox.relay;

/**
 * Whether any parked message may block a key of this channel: then the reader has the store tell which. True is always
 * safe. It is assumed when shards are taken and before a message is parked; the parker looks it up from time to time.
 *
 * <p>Thread-safe.
 */
final class BlockedKeys {
    /** All fields below are guarded by this. */
    private boolean mayExist = true;

    private long assumptions;

    synchronized boolean mayExist() {
        return mayExist;
    }

    /** From now on one may exist. */
    synchronized void assume() {
        mayExist = true;
        assumptions++;
    }

    /** To be asked before the store is, and handed to {@link #noneSince}. */
    synchronized long assumptions() {
        return assumptions;
    }

    /** The store had none after the given number of assumptions. */
    synchronized void noneSince(long assumptionsBefore) {
        if (assumptions == assumptionsBefore) {
            mayExist = false;
        }
    }
}
