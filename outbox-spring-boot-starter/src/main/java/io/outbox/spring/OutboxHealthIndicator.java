package io.outbox.spring;

import io.outbox.relay.ChannelStatus;
import io.outbox.relay.CircuitState;
import io.outbox.relay.Relay;
import io.outbox.relay.RelayStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Tells how the relay is: up while it works, also when there are dead letters; out of service while the broker is away, when
 * messages wait and nothing is lost; down when it does not run or the database fails.
 */
final class OutboxHealthIndicator extends AbstractHealthIndicator {
    private final Relay relay;

    OutboxHealthIndicator(Relay relay) {
        super("the outbox cannot be asked");
        this.relay = relay;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        RelayStatus status = relay.status();
        boolean isAway = status.channels().stream().anyMatch(channel -> channel.circuit() != CircuitState.CLOSED);
        if (!status.isRunning()) {
            builder.down();
        } else if (isAway) {
            builder.outOfService();
        } else {
            builder.up();
        }
        for (ChannelStatus channel : status.channels()) {
            Map<String, Object> details = new LinkedHashMap<>();
            details.put("circuit", channel.circuit());
            channel.circuitCause().ifPresent(cause -> details.put("circuitCause", cause));
            details.put("leases", channel.leases().size());
            details.put("inFlight", channel.inFlight());
            channel.oldestWaiting().ifPresent(age -> details.put("oldestWaiting", age.toString()));
            details.put("parked", channel.parked());
            details.put("deadLetters", channel.deadLetters());
            channel.lastFailure().ifPresent(failure -> details.put("lastFailure", failure));
            builder.withDetail(channel.channel(), details);
        }
    }
}
