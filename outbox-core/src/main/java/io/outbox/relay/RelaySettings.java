package io.outbox.relay;

import io.outbox.spi.RelayListener;
import java.time.Duration;
import java.util.function.LongSupplier;
import java.util.random.RandomGenerator;

/** What a relay was configured with; see {@link Relay.Builder} for meaning, units, ranges and defaults. */
record RelaySettings(
        int batchSize,
        int maxInFlight,
        long maxInFlightBytes,
        Duration shortestPoll,
        Duration longestPoll,
        Duration retryPoll,
        Duration deleteDelay,
        Duration leaseTime,
        Duration sweepInterval,
        Duration maxTransactionTime,
        Duration stuckAfter,
        Duration retention,
        RetryPolicy retryPolicy,
        RelayListener listener,
        LongSupplier ticker,
        RandomGenerator random) {

    /** The share of a lease that must be left for a message to be handed to a publisher. */
    private static final int SEND_MARGIN_SHARE = 5;

    private static final int HEARTBEATS_PER_LEASE = 4;
    private static final int HURRY = 12;

    /** Whether published messages are kept for a time. */
    boolean archives() {
        return !retention.isZero();
    }

    Duration heartbeatInterval() {
        return leaseTime.dividedBy(HEARTBEATS_PER_LEASE);
    }

    /** While shards change hands, nobody reads them. */
    Duration hurriedHeartbeatInterval() {
        return heartbeatInterval().dividedBy(HURRY);
    }

    Duration sendMargin() {
        return leaseTime.dividedBy(SEND_MARGIN_SHARE);
    }

    /** Payloads above this are loaded one by one, so that a batch stays within the bytes in flight. */
    int maxInlinePayload() {
        return (int) Math.min(64 * 1024, Math.max(1024, maxInFlightBytes / batchSize));
    }
}
