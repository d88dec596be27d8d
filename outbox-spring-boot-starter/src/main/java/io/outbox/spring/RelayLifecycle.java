package io.outbox.spring;

import io.outbox.relay.Relay;
import java.time.Duration;
import org.springframework.context.SmartLifecycle;

/**
 * Starts the relay when all beans are ready, before web servers and listeners take work, and stops it after those, before the data
 * source is closed. Thread-safe.
 */
final class RelayLifecycle implements SmartLifecycle {
    /** Web servers have the default phase less 1,024 and 2,048. */
    private static final int BEFORE_WEB_SERVERS = 4096;

    private final Relay relay;
    private final Duration stopTimeout;
    private volatile boolean running;

    RelayLifecycle(Relay relay, Duration stopTimeout) {
        this.relay = relay;
        this.stopTimeout = stopTimeout;
    }

    @Override
    public void start() {
        relay.start();
        running = true;
    }

    @Override
    public void stop() {
        running = false;
        relay.stop(stopTimeout);
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
