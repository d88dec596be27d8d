package io.outbox;

import java.security.SecureRandom;
import java.time.Clock;
import java.util.UUID;

/**
 * Makes message ids: UUID version 7 (RFC 9562, section 5.7), the 12 bits after the version being a counter within the
 * millisecond (method 1 of section 6.2), so that the ids of one JVM grow. Thread-safe.
 */
final class MessageIds {
    private static final long COUNTER_MASK = 0xFFF;

    private final Clock clock;
    private final SecureRandom random = new SecureRandom();
    /** Milliseconds shifted by 12, plus the counter; guarded by this. */
    private long last;

    MessageIds(Clock clock) {
        this.clock = clock;
    }

    String next() {
        long tick = nextTick();
        long most = ((tick >>> 12) << 16) | 0x7000 | (tick & COUNTER_MASK);
        long least = (random.nextLong() & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
        return new UUID(most, least).toString();
    }

    private synchronized long nextTick() {
        last = Math.max(last + 1, clock.millis() << 12);
        return last;
    }
}
