package io.outbox.relay;

import io.outbox.spi.ParkedState;
import io.outbox.spi.RelayListener;
import io.outbox.spi.StoredMessage;
import java.util.Set;

/** Hears nothing: the default listener. */
final class NoListener implements RelayListener {
    @Override
    public void onPublished(String channel, int messages) {}

    @Override
    public void onParked(StoredMessage message, ParkedState state, String reason) {}

    @Override
    public void onCircuitOpened(String channel, Throwable cause) {}

    @Override
    public void onCircuitClosed(String channel) {}

    @Override
    public void onLeasesChanged(String channel, Set<Integer> shards) {}

    @Override
    public void onFailure(String channel, String pass, Throwable cause) {}
}
