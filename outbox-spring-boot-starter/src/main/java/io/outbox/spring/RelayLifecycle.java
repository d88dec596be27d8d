package io.outbox.spring;

import io.outbox.relay.Relay;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;

/**
 * Starts the relays when all beans are ready, before web servers and listeners take work, and stops them after those, before the data
 * source is closed. Thread-safe.
 */
final class RelayLifecycle implements SmartLifecycle {
    /** Web servers have the default phase less 1,024 and 2,048. */
    private static final int BEFORE_WEB_SERVERS = 4096;

    private final OutboxUnits units;
    private final Duration stopTimeout;
    private volatile boolean running;

    RelayLifecycle(OutboxUnits units, Duration stopTimeout) {
        this.units = units;
        this.stopTimeout = stopTimeout;
    }

    @Override
    public void start() {
        units.relays().values().forEach(Relay::start);
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        units.relays().values().forEach(relay -> relay.stop(stopTimeout));
    }

    @Override
    public boolean isRunning() {
        return running;
    }

    @Override
    public int getPhase() {
        return DEFAULT_PHASE - BEFORE_WEB_SERVERS;
    }
}
