package io.outbox.spring;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The properties {@code outbox.*}.
 *
 * @param enabled whether there is an outbox at all
 * @param broker which broker messages go to; by default that whose module is on the class path
 * @param source the sender's name, the CloudEvents attribute 'source'; by default '/' and spring.application.name
 * @param dataSources names of the DataSource beans that have outbox tables; by default the only or primary one. The first is the one
 *     whose outbox is used where no transaction tells
 * @param transactionRequired whether publishing outside of a transaction is refused; if not, it gets a transaction of its own
 * @param schema the tables
 * @param relay the relay of this process
 * @param dedup the dedup table
 */
@ConfigurationProperties("outbox")
public record OutboxProperties(
        @DefaultValue("true") boolean enabled,
        @Nullable Broker broker,
        @Nullable String source,
        @DefaultValue List<String> dataSources,
        @DefaultValue("true") boolean transactionRequired,
        @DefaultValue Schema schema,
        @DefaultValue RelayOptions relay,
        @DefaultValue Dedup dedup) {

    /** A broker. */
    public enum Broker {
        /** By outbox-kafka, with {@code spring.kafka.*}. */
        KAFKA,
        /** By outbox-rabbit, with {@code spring.rabbitmq.*}. */
        RABBIT,
        /** None: a bean of the application's own is the publisher, or the relay runs elsewhere. */
        NONE
    }

    /**
     * The tables.
     *
     * @param mode what is done with them at the start
     * @param name the database schema they are in; by default the connection's own
     * @param prefix the prefix of their names
     */
    public record Schema(
            @DefaultValue("VALIDATE") Mode mode,
            @Nullable String name,
            @DefaultValue("outbox_") String prefix) {
        /** What is done with the tables at the start. */
        public enum Mode {
            /** The start fails when they are missing or older. */
            VALIDATE,
            /** They are created, or upgraded. */
            CREATE,
            /** Nothing. */
            NONE
        }
    }

    /**
     * The relay.
     *
     * @param enabled whether this process relays; false where another one does
     * @param stopTimeout how long it may take to end what is in flight when the application stops
     * @param leaseTime how long the messages of a process that has died wait for another one; by default 12 seconds
     * @param retention how long published messages are kept in the archive table; by default they are not
     */
    public record RelayOptions(
            @DefaultValue("true") boolean enabled,
            @DefaultValue("10s") Duration stopTimeout,
            @Nullable Duration leaseTime,
            @Nullable Duration retention) {}

    /**
     * The dedup table.
     *
     * @param keepFor the age at which handled messages are forgotten; by default they are kept
     */
    public record Dedup(@Nullable Duration keepFor) {}
}
