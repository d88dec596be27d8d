package io.outbox.spring;

import io.outbox.relay.ChannelStatus;
import io.outbox.relay.CircuitState;
import io.outbox.relay.RelayStatus;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.boot.health.contributor.AbstractHealthIndicator;
import org.springframework.boot.health.contributor.Health;

/**
 * Tells how the relays are: up while they work, also when there are dead letters; out of service while the broker is away, when
 * messages wait and nothing is lost; down when one does not run or the database fails.
 */
final class OutboxHealthIndicator extends AbstractHealthIndicator {
    private final OutboxUnits units;

    OutboxHealthIndicator(OutboxUnits units) {
        super("the outbox cannot be asked");
        this.units = units;
    }

    @Override
    protected void doHealthCheck(Health.Builder builder) {
        Map<String, RelayStatus> all = new LinkedHashMap<>();
        units.relays().forEach((dataSource, relay) -> all.put(dataSource, relay.status()));
        boolean isAway = all.values().stream()
                .flatMap(status -> status.channels().stream())
                .anyMatch(channel -> channel.circuit() != CircuitState.CLOSED);
        if (!all.values().stream().allMatch(RelayStatus::isRunning)) {
            builder.down();
        } else if (isAway) {
            builder.outOfService();
        } else {
            builder.up();
        }
        all.forEach((dataSource, status) -> status.channels()
                .forEach(channel -> builder.withDetail(
                        all.size() == 1 ? channel.channel() : dataSource + "/" + channel.channel(), details(channel))));
    }

    private static Map<String, Object> details(ChannelStatus channel) {
        Map<String, Object> details = new LinkedHashMap<>();
        details.put("circuit", channel.circuit());
        channel.circuitCause().ifPresent(cause -> details.put("circuitCause", cause));
        details.put("leases", channel.leases().size());
        details.put("inFlight", channel.inFlight());
        channel.oldestWaiting().ifPresent(age -> details.put("oldestWaiting", age.toString()));
        details.put("parked", channel.parked());
        details.put("deadLetters", channel.deadLetters());
        channel.lastFailure().ifPresent(failure -> details.put("lastFailure", failure));
        return details;
    }
}
