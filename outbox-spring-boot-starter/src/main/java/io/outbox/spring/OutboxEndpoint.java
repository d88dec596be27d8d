package io.outbox.spring;

import io.outbox.jdbc.JdbcOutboxStore;
import io.outbox.relay.Relay;
import io.outbox.relay.RelayStatus;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedQuery;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;

/**
 * The actuator endpoint {@code outbox}: how the relay is, and the dead letters, which can be published again or discarded. Shows ids,
 * destinations, keys and reasons; never payloads or headers.
 */
@Endpoint(id = "outbox")
public final class OutboxEndpoint {
    private static final Duration APART = Duration.ofMillis(10);

    private final OutboxUnits units;

    OutboxEndpoint(OutboxUnits units) {
        this.units = units;
    }

    /** What is done with dead letters. */
    public enum Action {
        /** They are published again, in their order, ten milliseconds apart. */
        REDRIVE,
        /** They are deleted. */
        DISCARD
    }

    /**
     * What the endpoint shows.
     *
     * @param relay the relay's status; null where this process has none
     * @param deadLetters the first hundred dead letters
     */
    public record Overview(@Nullable RelayStatus relay, List<DeadLetter> deadLetters) {}

    /**
     * A dead letter.
     *
     * @param messageId its id
     * @param channel its channel
     * @param destination where it should have gone
     * @param key what orders it
     * @param type its logical type
     * @param attempts how often it was tried
     * @param parkedAt since when it waits
     * @param reason the last error
     */
    public record DeadLetter(
            String messageId,
            String channel,
            String destination,
            @Nullable String key,
            String type,
            int attempts,
            Instant parkedAt,
            @Nullable String reason) {
        private static DeadLetter of(ParkedMessage parked) {
            OutboxRecord message = parked.message().message();
            return new DeadLetter(
                    message.messageId(),
                    message.channel(),
                    message.destination(),
                    message.key(),
                    message.type(),
                    parked.attempts(),
                    parked.parkedAt(),
                    parked.lastError());
        }
    }

    /**
     * Shows status and dead letters.
     *
     * @param destination shows dead letters of this destination only; null for all
     * @param dataSource shows the outbox in this data source, where there are several; null for the first
     * @return an overview
     */
    @ReadOperation
    public Overview overview(@Nullable String destination, @Nullable String dataSource) {
        OutboxUnit unit = units.named(dataSource);
        return new Overview(
                unit.relays().get().stream().findFirst().map(Relay::status).orElse(null),
                unit.store().list(deadLetters(destination, null)).stream()
                        .map(DeadLetter::of)
                        .toList());
    }

    /**
     * Publishes dead letters again or deletes them, at most a hundred at once.
     *
     * @param action what to do
     * @param destination dead letters of this destination; null for all
     * @param messageId the one of this id; null for all
     * @param dataSource in the outbox of this data source; null for the first
     * @return how many it was done with
     */
    @WriteOperation
    public int act(
            Action action, @Nullable String destination, @Nullable String messageId, @Nullable String dataSource) {
        JdbcOutboxStore store = units.named(dataSource).store();
        ParkedQuery query = deadLetters(destination, messageId);
        return action == Action.REDRIVE ? store.redrive(query, APART) : store.discard(query);
    }

    private static ParkedQuery deadLetters(@Nullable String destination, @Nullable String messageId) {
        ParkedQuery query = ParkedQuery.deadLetters();
        if (destination != null) {
            query = query.withDestination(destination);
        }
        return messageId == null ? query : query.withMessageId(messageId);
    }
}
