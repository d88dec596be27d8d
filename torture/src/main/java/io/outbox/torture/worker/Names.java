package io.outbox.torture.worker;

/** What is called how on the brokers. */
public final class Names {
    /** Kafka's topic; RabbitMQ's exchange that writers send to. */
    public static final String DESTINATION = "torture";
    /** RabbitMQ's exchange that both queues are bound to; bound to the other, so that one binding takes both away. */
    public static final String FAN = "torture.fan";
    /** RabbitMQ's queue of the consumers. */
    public static final String WORK = "torture.work";
    /** RabbitMQ's queue of the observer. */
    public static final String WIRE = "torture.wire";
    /** RabbitMQ's exchange that nobody may publish to. */
    public static final String FORBIDDEN = "torture.forbidden";
    /** The size of a record that Kafka's topic does not take; more than a producer's batch and the largest other message. */
    public static final int MOST_BYTES = 100_000;
    /** The outbox's channel beside the default one. */
    public static final String SECOND_CHANNEL = "second";
    /** The consumers' group. */
    public static final String GROUP = "billing";
    /** Where Kafka's consumers put what they cannot handle: by the topic's name. */
    public static final String SET_ASIDE_TOPIC = DESTINATION + "." + GROUP + ".dead-letter";
    /** Where RabbitMQ's do: by the queue's name. */
    public static final String SET_ASIDE_QUEUE = WORK + "." + GROUP + ".dead-letter";

    private Names() {}
}
