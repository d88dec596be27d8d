package io.outbox.relay;

import static java.util.Objects.requireNonNull;

import io.outbox.internal.Backoff;
import io.outbox.spi.ParkedState;
import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What becomes of a message that the broker rejected: when it is tried again, and when it is given up.
 *
 * <p>Waits grow exponentially with full jitter: the n-th is drawn evenly from 0 to {@code firstDelay} doubled n-1 times, at
 * most {@code longestDelay}. An unavailable broker or destination counts no attempt. Immutable.
 *
 * @param firstDelay upper bound of the first wait; default 1 s
 * @param longestDelay upper bound of any wait; default 5 min
 * @param maxAttempts the message becomes a dead letter after so many rejected attempts, at least 1; default 20
 * @param maxAge or when a rejection finds it older than this; default 3 days
 * @param deadLetterBlocksKey whether later messages of the key wait until someone has decided on the dead letter;
 *     default false: the key goes on
 */
public record RetryPolicy(
        Duration firstDelay, Duration longestDelay, int maxAttempts, Duration maxAge, boolean deadLetterBlocksKey) {

    /** Checks the ranges. */
    public RetryPolicy {
        requireNonNull(maxAge, "maxAge");
        new Backoff(requireNonNull(firstDelay, "firstDelay"), requireNonNull(longestDelay, "longestDelay"));
        if (maxAttempts < 1) {
            throw new IllegalArgumentException("maxAttempts must be >= 1, was " + maxAttempts);
        }
        if (maxAge.isNegative() || maxAge.isZero()) {
            throw new IllegalArgumentException("maxAge must be > 0, was " + maxAge);
        }
    }

    /**
     * Returns the defaults.
     *
     * @return 1 s doubling to 5 min, 20 attempts, 3 days, a dead letter lets its key go on
     */
    public static RetryPolicy defaults() {
        return new RetryPolicy(Duration.ofSeconds(1), Duration.ofMinutes(5), 20, Duration.ofDays(3), false);
    }

    /**
     * Returns this policy with other waits.
     *
     * @param first upper bound of the first wait
     * @param longest upper bound of any wait, not below the first
     * @return a policy
     */
    public RetryPolicy withDelays(Duration first, Duration longest) {
        return new RetryPolicy(first, longest, maxAttempts, maxAge, deadLetterBlocksKey);
    }

    /**
     * Returns this policy with another limit of attempts.
     *
     * @param attempts at least 1
     * @return a policy
     */
    public RetryPolicy withMaxAttempts(int attempts) {
        return new RetryPolicy(firstDelay, longestDelay, attempts, maxAge, deadLetterBlocksKey);
    }

    /**
     * Returns this policy with another limit of age.
     *
     * @param age above zero
     * @return a policy
     */
    public RetryPolicy withMaxAge(Duration age) {
        return new RetryPolicy(firstDelay, longestDelay, maxAttempts, age, deadLetterBlocksKey);
    }

    /**
     * Returns this policy with the choice whether a dead letter blocks its key.
     *
     * @param blocks true to keep later messages of the key waiting
     * @return a policy
     */
    public RetryPolicy withDeadLetterBlockingKey(boolean blocks) {
        return new RetryPolicy(firstDelay, longestDelay, maxAttempts, maxAge, blocks);
    }

    /** What to do with a rejected message. */
    record Decision(ParkedState state, int attempts, Duration delay) {}

    Decision afterRejection(int attempts, Duration age, boolean forGood, RandomGenerator random) {
        if (forGood || attempts >= maxAttempts || age.compareTo(maxAge) >= 0) {
            ParkedState state = deadLetterBlocksKey ? ParkedState.DEAD_BLOCKING : ParkedState.DEAD;
            return new Decision(state, attempts, Duration.ZERO);
        }
        return new Decision(ParkedState.RETRY, attempts, new Backoff(firstDelay, longestDelay).delay(attempts, random));
    }
}
