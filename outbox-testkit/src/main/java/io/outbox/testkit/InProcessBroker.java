package io.outbox.testkit;

import static java.util.Objects.requireNonNull;

import io.outbox.OutboxException;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.StoredMessage;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A message broker in this process, for tests and examples: topics that keep the order in which messages arrive, and
 * consumer groups that get each message at least once. Thread-safe.
 *
 * <pre>{@code
 * InProcessBroker broker = InProcessBroker.create();
 * Publisher publisher = broker.publisher();
 * InProcessConsumer billing = broker.subscribe("orders", "billing", message -> consumer.handle(message, handler));
 * }</pre>
 *
 * <p>It keeps everything in memory: all messages, unless {@link Builder#retention} bounds those that every group has
 * acknowledged.
 */
public final class InProcessBroker implements AutoCloseable {
    private final Builder config;
    /** These fields are guarded by this; consumers wait on it for messages. */
    private final Map<String, InProcessTopic> topics = new LinkedHashMap<>();

    private final Map<String, PublishOutcome> refusals = new LinkedHashMap<>();
    private final List<InProcessConsumer> consumers = new ArrayList<>();
    private boolean available = true;

    private InProcessBroker(Builder config) {
        this.config = new Builder(config);
    }

    /**
     * Makes a broker that creates topics by themselves, takes messages up to 1 MiB and keeps all of them.
     *
     * @return an empty broker
     */
    public static InProcessBroker create() {
        return builder().build();
    }

    /**
     * Starts a broker.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Makes a publisher that keeps order and confirms at once, on the publishing thread.
     *
     * @return an open publisher
     */
    public InProcessPublisher publisher() {
        return InProcessPublisher.builder(this).build();
    }

    /**
     * Starts a consumer of one topic on a thread of its own.
     *
     * @param topic the topic; created when it does not exist
     * @param group the consumer group: each group gets every message, from the first one that is retained
     * @param handler handles a message; acknowledged when it returns, delivered again when it throws
     * @return a running consumer, to be closed
     */
    public InProcessConsumer subscribe(String topic, String group, InProcessConsumer.Handler handler) {
        InProcessConsumer consumer =
                InProcessConsumer.builder(this, group, handler).topic(topic).build();
        consumer.start();
        return consumer;
    }

    /**
     * Creates a topic.
     *
     * @param name its name
     * @return false when it is there already
     */
    public synchronized boolean createTopic(String name) {
        return topics.putIfAbsent(requireNonNull(name, "name"), new InProcessTopic(name, config.retention)) == null;
    }

    /**
     * Makes the broker unavailable, as a restart does: publishers get {@link PublishOutcome.Unavailable} for the channel,
     * consumers get nothing. What it holds is kept.
     */
    public synchronized void stop() {
        available = false;
    }

    /** Makes the broker available again. */
    public synchronized void start() {
        available = true;
        notifyAll();
    }

    /**
     * Makes every message to one destination end in an outcome of the test's choice, without arriving.
     *
     * @param destination the destination
     * @param outcome refused for now or for good, or the destination (not the channel) unavailable
     * @throws IllegalArgumentException for an outcome that says published, or the channel unavailable: see {@link #stop}
     */
    public synchronized void refuse(String destination, PublishOutcome outcome) {
        boolean refusal = outcome instanceof PublishOutcome.RejectedForNow
                || outcome instanceof PublishOutcome.RejectedForGood
                || (outcome instanceof PublishOutcome.Unavailable unavailable
                        && unavailable.scope() == PublishOutcome.Scope.DESTINATION);
        if (!refusal) {
            throw new IllegalArgumentException("outcome must be a refusal of one destination, was " + outcome);
        }
        refusals.put(requireNonNull(destination, "destination"), outcome);
    }

    /**
     * Ends what {@link #refuse} began.
     *
     * @param destination the destination
     * @return false when it was not refused
     */
    public synchronized boolean accept(String destination) {
        return refusals.remove(destination) != null;
    }

    /**
     * Returns the messages of a topic that are retained, in the order in which they arrived.
     *
     * @param topic the topic
     * @return a copy; empty when the topic does not exist
     */
    public synchronized List<ReceivedMessage> messages(String topic) {
        InProcessTopic found = topics.get(topic);
        return found == null ? List.of() : found.retained();
    }

    /**
     * Returns how many deliveries a group has before it: messages it has not acknowledged, and repetitions to come.
     *
     * @param topic the topic
     * @param group the consumer group
     * @return 0 when it has handled everything
     */
    public synchronized long waiting(String topic, String group) {
        InProcessTopic found = topics.get(topic);
        return found == null ? 0 : found.group(group).waiting();
    }

    /** Closes its consumers, then refuses everything. Waits at most ten seconds for each handler that is running. */
    @Override
    public void close() {
        List<InProcessConsumer> open;
        synchronized (this) {
            open = List.copyOf(consumers);
        }
        open.forEach(InProcessConsumer::close);
        stop();
    }

    /** Takes a message, or says why not. Nothing arrives unless the outcome is published. */
    synchronized PublishOutcome offer(StoredMessage stored) {
        OutboxRecord message = stored.message();
        if (!available) {
            return PublishOutcome.channelUnavailable(new OutboxException("the in-process broker is stopped"));
        }
        PublishOutcome refusal = refusals.get(message.destination());
        if (refusal != null) {
            return refusal;
        }
        if (message.payload().length > config.maxMessageBytes) {
            return PublishOutcome.rejectedForGood(new OutboxException("message " + message.messageId() + " has "
                    + message.payload().length + " bytes, maxMessageBytes of the in-process broker is "
                    + config.maxMessageBytes));
        }
        InProcessTopic topic = topics.get(message.destination());
        if (topic == null) {
            if (!config.autoCreateTopics) {
                return PublishOutcome.rejectedForNow(
                        new OutboxException("the in-process broker has no topic '" + message.destination() + "'"));
            }
            createTopic(message.destination());
            topic = topics.get(message.destination());
        }
        requireNonNull(topic).add(received(stored));
        notifyAll();
        return PublishOutcome.published();
    }

    private static ReceivedMessage received(StoredMessage stored) {
        OutboxRecord m = stored.message();
        return new ReceivedMessage(
                m.messageId(),
                m.destination(),
                m.key(),
                m.type(),
                "in-process",
                m.contentType(),
                stored.createdAt(),
                m.headers(),
                m.payload(),
                1);
    }

    /** What follows is for consumers, and is called with this broker's monitor held. */
    InProcessTopic topic(String name) {
        createTopic(name);
        return requireNonNull(topics.get(name));
    }

    boolean isAvailable() {
        return available;
    }

    void register(InProcessConsumer consumer) {
        consumers.add(consumer);
    }

    void unregister(InProcessConsumer consumer) {
        consumers.remove(consumer);
    }

    /** Builds a broker; confined to one thread. */
    public static final class Builder {
        private boolean autoCreateTopics = true;
        private int maxMessageBytes = 1024 * 1024;
        private int retention = Integer.MAX_VALUE;

        private Builder() {}

        private Builder(Builder other) {
            autoCreateTopics = other.autoCreateTopics;
            maxMessageBytes = other.maxMessageBytes;
            retention = other.retention;
        }

        /**
         * Makes topics exist only when {@link InProcessBroker#createTopic} or a consumer creates them. A message to
         * another one is rejected for now. Default: a topic comes into being with its first message.
         *
         * @return this builder
         */
        public Builder withoutAutoCreate() {
            autoCreateTopics = false;
            return this;
        }

        /**
         * Sets the longest payload. A longer one is rejected for good.
         *
         * @param bytes at least 1; default 1 MiB
         * @return this builder
         */
        public Builder maxMessageBytes(int bytes) {
            if (bytes < 1) {
                throw new IllegalArgumentException("maxMessageBytes must be at least 1, was " + bytes);
            }
            maxMessageBytes = bytes;
            return this;
        }

        /**
         * Sets how many messages a topic keeps that every one of its groups has acknowledged. Others are never dropped; a
         * topic without a group keeps its messages for the first one to come. Default: all are kept.
         *
         * @param messages 0 or more
         * @return this builder
         */
        public Builder retention(int messages) {
            if (messages < 0) {
                throw new IllegalArgumentException("retention must not be negative, was " + messages);
            }
            retention = messages;
            return this;
        }

        /**
         * Makes the broker.
         *
         * @return an empty, available broker
         */
        public InProcessBroker build() {
            return new InProcessBroker(this);
        }
    }
}
