package io.outbox.torture.faults;

import java.util.Locale;

/** What can be done to what. */
public enum FaultKind {
    /** SIGKILL, and a new process later. */
    RELAY_KILL(Target.RELAY),
    /** SIGSTOP and SIGCONT, for longer than a lease or less. */
    RELAY_STOP(Target.RELAY),
    /** SIGTERM, and a new process later. */
    RELAY_END(Target.RELAY),
    WRITER_KILL(Target.WRITER),
    WRITER_STOP(Target.WRITER),
    WRITER_END(Target.WRITER),
    CONSUMER_KILL(Target.CONSUMER),
    CONSUMER_STOP(Target.CONSUMER),
    CONSUMER_END(Target.CONSUMER),
    DATABASE_KILL(Target.DATABASE),
    DATABASE_STOP(Target.DATABASE),
    /** An orderly stop, and a start later. */
    DATABASE_RESTART(Target.DATABASE),
    BROKER_KILL(Target.BROKER),
    BROKER_STOP(Target.BROKER),
    BROKER_RESTART(Target.BROKER),
    /** Refuses every message while it lasts: too few replicas (Kafka), no queue that takes them (RabbitMQ). */
    BROKER_REFUSES(Target.BROKER),
    /** A memory alarm, which blocks publishers; RabbitMQ only. */
    BROKER_FULL(Target.BROKER),
    /** The consumers' queue takes no message while others wait in it, and refuses each; RabbitMQ only. */
    BROKER_QUEUE_FULL(Target.BROKER),
    /** A quota on bytes a second, which holds producers up; Kafka only. */
    BROKER_SLOW(Target.BROKER),
    /** All connections are closed; new ones are taken at once. */
    DATABASE_LINK_CUT(Target.DATABASE_LINK),
    /** Everything takes longer. */
    DATABASE_LINK_DELAY(Target.DATABASE_LINK),
    /** Requests arrive and answers do not; in the end the connections are closed. */
    DATABASE_LINK_SWALLOW(Target.DATABASE_LINK),
    BROKER_LINK_CUT(Target.BROKER_LINK),
    BROKER_LINK_DELAY(Target.BROKER_LINK),
    BROKER_LINK_SWALLOW(Target.BROKER_LINK);

    private final Target target;

    FaultKind(Target target) {
        this.target = target;
    }

    /** Returns what it is done to. */
    public Target target() {
        return target;
    }

    /** Returns its name in a report, such as "relay kill". */
    public String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
