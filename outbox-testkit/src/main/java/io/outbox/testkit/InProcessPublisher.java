package io.outbox.testkit;

import static java.util.Objects.requireNonNull;

import io.outbox.OutboxException;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/**
 * Publishes to an {@link InProcessBroker}. Confirms at once on the publishing thread, or on an executor; a test can hold
 * confirmations back or lose them. Thread-safe.
 *
 * <p>While a failure has not been confirmed yet, later messages that must not overtake the failed one end like it: those
 * of the same destination and key, or all of them when the channel is unavailable.
 */
public final class InProcessPublisher implements Publisher {
    private final InProcessBroker broker;
    private final boolean keepsOrder;
    private final Executor executor;
    /** These fields are guarded by this. */
    private final Set<Outstanding> outstanding = new LinkedHashSet<>();

    private final Queue<Outstanding> held = new ArrayDeque<>();
    /** Failures that are not confirmed yet, by what they hold up. */
    private final Map<Lane, List<Outstanding>> failures = new HashMap<>();

    private boolean holding;
    private int toLose;
    private boolean closed;

    private InProcessPublisher(Builder builder) {
        broker = builder.broker;
        keepsOrder = builder.keepsOrder;
        executor = builder.executor;
    }

    /**
     * Starts a publisher.
     *
     * @param broker where it publishes
     * @return a new builder
     */
    public static Builder builder(InProcessBroker broker) {
        return new Builder(broker);
    }

    /**
     * {@inheritDoc}
     *
     * @throws IllegalArgumentException when the message comes without its payload
     */
    @Override
    public void publish(StoredMessage message, Confirmation confirmation) {
        if (message.isPayloadLeftOut()) {
            throw new IllegalArgumentException(message.message() + " comes without its payload of "
                    + message.payloadSize() + " bytes: load it first");
        }
        Outstanding sent;
        synchronized (this) {
            PublishOutcome outcome = offer(message);
            sent = new Outstanding(confirmation, outcome, laneOf(message, outcome));
            outstanding.add(sent);
            if (sent.lane != null) {
                failures.computeIfAbsent(sent.lane, ignored -> new ArrayList<>())
                        .add(sent);
            }
            if (holding && !closed) {
                held.add(sent);
                return;
            }
        }
        confirm(sent);
    }

    private PublishOutcome offer(StoredMessage message) {
        if (closed) {
            return closedOutcome();
        }
        for (Lane lane : List.of(Lane.CHANNEL, Lane.of(message))) {
            List<Outstanding> failed = failures.get(lane);
            if (failed != null) {
                return failed.get(0).outcome;
            }
        }
        PublishOutcome outcome = broker.offer(message);
        if (toLose > 0 && outcome instanceof PublishOutcome.Published) {
            toLose--;
            return PublishOutcome.channelUnavailable(
                    new OutboxException("the connection broke before the confirmation"));
        }
        return outcome;
    }

    /** Returns what a failure holds up; null when nothing. */
    private static @Nullable Lane laneOf(StoredMessage message, PublishOutcome outcome) {
        if (outcome instanceof PublishOutcome.Unavailable unavailable) {
            return unavailable.scope() == PublishOutcome.Scope.CHANNEL ? Lane.CHANNEL : Lane.of(message);
        }
        return outcome instanceof PublishOutcome.RejectedForNow ? Lane.of(message) : null;
    }

    private void confirm(Outstanding sent) {
        try {
            executor.execute(() -> complete(sent, sent.outcome));
        } catch (RejectedExecutionException e) {
            complete(sent, PublishOutcome.channelUnavailable(e));
        }
    }

    private void complete(Outstanding sent, PublishOutcome outcome) {
        synchronized (this) {
            if (sent.confirmed) {
                return;
            }
            sent.confirmed = true;
        }
        try {
            sent.confirmation.complete(outcome);
        } finally {
            synchronized (this) {
                outstanding.remove(sent);
                List<Outstanding> failed = sent.lane == null ? null : failures.get(sent.lane);
                if (failed != null && failed.remove(sent) && failed.isEmpty()) {
                    failures.remove(sent.lane);
                }
            }
        }
    }

    @Override
    public boolean keepsOrder() {
        return keepsOrder;
    }

    /** Holds confirmations back from now on: messages arrive, and nobody is told. */
    public synchronized void holdConfirmations() {
        holding = true;
    }

    /**
     * Gives the confirmations that were held back, in the order of the messages, and holds no more of them.
     *
     * @return how many
     */
    public int releaseConfirmations() {
        List<Outstanding> released;
        synchronized (this) {
            holding = false;
            released = List.copyOf(held);
            held.clear();
        }
        released.forEach(this::confirm);
        return released.size();
    }

    /**
     * Loses the confirmations of the next messages: they arrive, and end as channel unavailable all the same.
     *
     * @param messages how many
     */
    public synchronized void loseConfirmations(int messages) {
        if (messages < 0) {
            throw new IllegalArgumentException("messages must not be negative, was " + messages);
        }
        toLose = messages;
    }

    /**
     * Returns how many messages wait for their confirmation.
     *
     * @return the count
     */
    public synchronized int outstanding() {
        return outstanding.size();
    }

    /** Ends what is outstanding as unavailable, also what has arrived, and refuses everything after. Waits for nothing. */
    @Override
    public void close() {
        List<Outstanding> unconfirmed;
        synchronized (this) {
            closed = true;
            held.clear();
            unconfirmed = List.copyOf(outstanding);
        }
        unconfirmed.forEach(sent -> complete(sent, closedOutcome()));
    }

    private static PublishOutcome closedOutcome() {
        return PublishOutcome.channelUnavailable(new OutboxException("the in-process publisher is closed"));
    }

    /** A message whose outcome is known here and not told yet; compared by identity. */
    private static final class Outstanding {
        private final Confirmation confirmation;
        private final PublishOutcome outcome;
        private final @Nullable Lane lane;
        private boolean confirmed;

        Outstanding(Confirmation confirmation, PublishOutcome outcome, @Nullable Lane lane) {
            this.confirmation = requireNonNull(confirmation, "confirmation");
            this.outcome = outcome;
            this.lane = lane;
        }
    }

    /** Messages that must not overtake each other: those of a key at a destination, or of the whole channel. */
    private record Lane(
            @Nullable String destination, @Nullable String key) {
        private static final Lane CHANNEL = new Lane(null, null);

        static Lane of(StoredMessage message) {
            String key = message.message().key();
            // what has no key waits for nothing: a lane of its own
            return new Lane(
                    message.message().destination(),
                    key == null ? "\0" + message.message().messageId() : key);
        }
    }

    /** Builds a publisher; confined to one thread. */
    public static final class Builder {
        private final InProcessBroker broker;
        private boolean keepsOrder = true;
        private Executor executor = Runnable::run;

        private Builder(InProcessBroker broker) {
            this.broker = requireNonNull(broker, "broker");
        }

        /**
         * Makes {@link Publisher#keepsOrder()} say no, as RabbitMQ's does: the relay then hands on one message of a key
         * at a time.
         *
         * @return this builder
         */
        public Builder withoutOrder() {
            keepsOrder = false;
            return this;
        }

        /**
         * Sets where confirmations are given. Default: at once, on the publishing thread.
         *
         * @param executor not closed by the publisher; a delayed one delays confirmations
         * @return this builder
         */
        public Builder confirmOn(Executor executor) {
            this.executor = requireNonNull(executor, "executor");
            return this;
        }

        /**
         * Makes the publisher.
         *
         * @return an open publisher
         */
        public InProcessPublisher build() {
            return new InProcessPublisher(this);
        }
    }
}
