package io.outbox.relay;

import io.outbox.internal.Backoff;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Whether a channel's broker is available. Opened by an unavailability, tried again after a wait that grows with jitter,
 * closed by the first acknowledgement. Thread-safe.
 */
final class Circuit {
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(100), Duration.ofSeconds(5));

    private final RandomGenerator random;
    /** All fields below are guarded by this. */
    private CircuitState state = CircuitState.CLOSED;

    private int failures;
    private long retryAtNanos;
    private @Nullable Throwable lastCause;

    Circuit(RandomGenerator random) {
        this.random = random;
    }

    /** Opens it; true when it was not open. */
    synchronized boolean open(Throwable cause, long nowNanos) {
        boolean first = state == CircuitState.CLOSED;
        lastCause = cause;
        if (state != CircuitState.OPEN) {
            state = CircuitState.OPEN;
            failures++;
            retryAtNanos = nowNanos + BACKOFF.delay(failures, random).toNanos();
        }
        return first;
    }

    /** The time to wait before messages may be tried; zero or less when they may. */
    synchronized long nanosUntilTry(long nowNanos) {
        return state == CircuitState.OPEN ? retryAtNanos - nowNanos : 0;
    }

    synchronized void tryAgain() {
        if (state == CircuitState.OPEN) {
            state = CircuitState.HALF_OPEN;
        }
    }

    /** The broker has answered; true when the circuit was not closed before. */
    synchronized boolean close() {
        boolean change = state != CircuitState.CLOSED;
        state = CircuitState.CLOSED;
        failures = 0;
        lastCause = null;
        return change;
    }

    synchronized CircuitState state() {
        return state;
    }

    synchronized @Nullable Throwable lastCause() {
        return lastCause;
    }
}
