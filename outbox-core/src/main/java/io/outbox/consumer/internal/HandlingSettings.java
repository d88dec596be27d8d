package io.outbox.consumer.internal;

import io.outbox.internal.Backoff;
import java.time.Duration;

/**
 * How a loop handles messages. Immutable.
 *
 * @param batch how many messages are handled in one transaction, at most
 * @param maxAttempts after how many failed attempts a message is set aside
 * @param delays the waits between attempts
 */
public record HandlingSettings(int batch, int maxAttempts, Backoff delays) {
    /** What a loop does unless it is told otherwise: one message a transaction, ten attempts in half a minute. */
    public static final HandlingSettings DEFAULT =
            new HandlingSettings(1, 10, new Backoff(Duration.ofMillis(100), Duration.ofSeconds(10)));

    /** Checks the ranges. */
    public HandlingSettings {
        if (batch < 1) {
            throw new IllegalArgumentException("batch must be >= 1, was " + batch);
        }
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts must be >= 1, was " + maxAttempts);
        }
    }

    /**
     * Sets how many messages are handled in one transaction.
     *
     * @param messages at least 1
     * @return a copy
     */
    public HandlingSettings withBatch(int messages) {
        return new HandlingSettings(messages, maxAttempts, delays);
    }

    /**
     * Sets after how many failed attempts a message is set aside.
     *
     * @param attempts at least 1
     * @return a copy
     */
    public HandlingSettings withMaxAttempts(int attempts) {
        return new HandlingSettings(batch, attempts, delays);
    }

    /**
     * Sets the waits between attempts.
     *
     * @param waits the waits
     * @return a copy
     */
    public HandlingSettings withDelays(Backoff waits) {
        return new HandlingSettings(batch, maxAttempts, waits);
    }
}
