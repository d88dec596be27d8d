package io.outbox.rabbit;

import com.rabbitmq.client.ConnectionFactory;
import java.time.Duration;

/** What the caller's settings are changed to. */
final class ClientSettings {
    private ClientSettings() {}

    /**
     * Copies a factory: connections recover in no other way than ours, and the broker's answers do not take for ever. A
     * channel that is opened at the moment in which its connection ends would wait for one that never comes.
     */
    static ConnectionFactory of(ConnectionFactory factory, Duration longestAnswer) {
        ConnectionFactory copy = factory.clone();
        copy.setAutomaticRecoveryEnabled(false);
        copy.setTopologyRecoveryEnabled(false);
        int millis = (int) Math.max(1, Math.min(Integer.MAX_VALUE, longestAnswer.toMillis()));
        int given = copy.getChannelRpcTimeout();
        copy.setChannelRpcTimeout(given == 0 ? millis : Math.min(given, millis)); // zero means for ever
        return copy;
    }
}
