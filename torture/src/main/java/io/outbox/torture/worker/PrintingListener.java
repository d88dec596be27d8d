package io.outbox.torture.worker;

import io.outbox.spi.ParkedState;
import io.outbox.spi.RelayListener;
import io.outbox.spi.StoredMessage;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Writes down what a relay went through, for those who look for the cause of a violation. */
final class PrintingListener implements RelayListener {
    private static final int ONE_IN = 100;

    private final AtomicInteger refused = new AtomicInteger();

    @Override
    public void onPublished(String channel, int messages) {}

    @Override
    public void onParked(StoredMessage message, ParkedState state, String reason) {
        if (state == ParkedState.DEAD || state == ParkedState.DEAD_BLOCKING) {
            print("dead letter " + message + ": " + reason);
        } else if (state == ParkedState.RETRY && refused.getAndIncrement() % ONE_IN == 0) {
            print("refused for now, one of many: " + message + ": " + reason);
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
