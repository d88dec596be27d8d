package io.outbox.relay;

import io.outbox.spi.ParkedState;
import io.outbox.spi.RelayListener;
import io.outbox.spi.StoredMessage;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps a listener's exceptions from the relay. */
record SafeListener(RelayListener listener) implements RelayListener {
    private static final Logger LOG = LoggerFactory.getLogger(SafeListener.class);

    @Override
    public void onPublished(String channel, int messages) {
        guard(() -> listener.onPublished(channel, messages));
    }

    @Override
    public void onParked(StoredMessage message, ParkedState state, String reason) {
        guard(() -> listener.onParked(message, state, reason));
    }

    @Override
    public void onCircuitOpened(String channel, Throwable cause) {
        guard(() -> listener.onCircuitOpened(channel, cause));
    }

    @Override
    public void onCircuitClosed(String channel) {
        guard(() -> listener.onCircuitClosed(channel));
    }

    @Override
    public void onLeasesChanged(String channel, Set<Integer> shards) {
        guard(() -> listener.onLeasesChanged(channel, shards));
    }

    @Override
    public void onFailure(String channel, String pass, Throwable cause) {
        guard(() -> listener.onFailure(channel, pass, cause));
    }

    private static void guard(Runnable call) {
        try {
            call.run();
        } catch (RuntimeException e) {
            LOG.warn("a relay listener failed", e);
        }
    }
}
