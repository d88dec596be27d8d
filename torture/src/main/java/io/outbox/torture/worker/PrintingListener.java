package io.outbox.torture.worker;

import io.outbox.spi.ParkedState;
import io.outbox.spi.RelayListener;
import io.outbox.spi.StoredMessage;
import java.time.Instant;
import java.util.Set;

/** Writes down what a relay went through, for those who look for the cause of a violation. */
final class PrintingListener implements RelayListener {
    @Override
    public void onPublished(String channel, int messages) {}

    @Override
    public void onParked(StoredMessage message, ParkedState state, String reason) {
        if (state == ParkedState.DEAD || state == ParkedState.DEAD_BLOCKING) {
            print("dead letter " + message + ": " + reason);
        }
    }

    @Override
    public void onCircuitOpened(String channel, Throwable cause) {
        print("circuit opened: " + cause);
    }

    @Override
    public void onCircuitClosed(String channel) {
        print("circuit closed");
    }

    @Override
    public void onLeasesChanged(String channel, Set<Integer> shards) {
        print("shards " + shards.size());
    }

    @Override
    public void onFailure(String channel, String pass, Throwable cause) {
        print(pass + " failed: " + cause);
    }

    private static void print(String what) {
        System.out.println(Instant.now() + " " + what);
    }
}
