package io.outbox.relay;

import io.outbox.relay.InFlightMessage.State;
import io.outbox.spi.OutboxRecord;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.StoredMessage;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;
import org.jetbrains.lincheck.datastructures.Validate;
import org.junit.jupiter.api.Test;

/** The window under all interleavings of its reader, publisher, deleter and parker that Lincheck finds. */
public class WindowInterleavingsTest {
    private static final PublishOutcome AWAY = PublishOutcome.channelUnavailable(new IllegalStateException("away"));
    private static final PublishOutcome NOT_NOW = PublishOutcome.rejectedForNow(new IllegalStateException("full"));
    private static final PublishOutcome NEVER = PublishOutcome.rejectedForGood(new IllegalStateException("too large"));
    private static final int BYTES = 10;

    private final Window window = new Window(WindowTest.settings(RetryPolicy.defaults()), false, new Events());
    /** With the publisher, not answered; guarded by itself. */
    private final Deque<InFlightMessage> published = new ArrayDeque<>();

    private long lastId;

    private final class Events implements Window.Events {
        @Override
        public void acknowledged(int waitingForDeletion) {}

        @Override
        public void unavailable(Throwable cause) {}

        @Override
        public void availableAgain() {}

        @Override
        public void parkingWaits() {}

        @Override
        public void publish(InFlightMessage next) {
            synchronized (published) {
                require(
                        published.stream().noneMatch(one -> one.key.equals(next.key) && one.state == State.PUBLISHING),
                        "two messages of a key are with the publisher");
                published.add(next);
            }
        }
    }

    @Operation(nonParallelGroup = "reader")
    public void read() {
        window.beginRead();
        if (window.isHalted() && !window.hasUnresolved()) {
            window.takeLowestReturned();
            window.resume();
        }
        window.admit(message(++lastId), false);
    }

    @Operation
    public void acknowledge() {
        complete(PublishOutcome.published());
    }

    @Operation
    public void refuse() {
        complete(NOT_NOW);
    }

    @Operation
    public void refuseForGood() {
        complete(NEVER);
    }

    @Operation
    public void loseTheBroker() {
        complete(AWAY);
    }

    @Operation(nonParallelGroup = "deleter")
    public void delete() {
        List<InFlightMessage> taken = window.takeAcknowledged(2);
        window.deleted(taken);
    }

    @Operation(nonParallelGroup = "deleter")
    public void failToDelete() {
        window.notDeleted(window.takeAcknowledged(2));
    }

    @Operation(nonParallelGroup = "parker")
    public void park() {
        window.parked(window.refused(2));
    }

    @Operation(nonParallelGroup = "parker")
    public void loseTheLeaseWhileParking() {
        window.giveBackRefused(shard -> false);
    }

    private void complete(PublishOutcome outcome) {
        InFlightMessage one;
        synchronized (published) {
            one = published.poll();
        }
        if (one != null) {
            one.complete(outcome);
            one.complete(AWAY); // a second outcome changes nothing
        }
    }

    /** However it came about: when everything is answered, deleted and parked, nothing is left and nothing is counted. */
    @Validate
    public void everythingComesToAnEnd() {
        require(window.bytes() <= (long) window.size() * BYTES, "bytes of messages that are not there");
        int steps = 0;
        while (window.size() > 0 && steps++ < 100) {
            complete(PublishOutcome.published());
            window.deleted(window.takeAcknowledged(10));
            window.parked(window.refused(10));
        }
        require(window.size() == 0, "messages that nobody will ever finish: " + window.size());
        require(window.bytes() == 0, "bytes are left: " + window.bytes());
        require(window.ofShard(0) == 0, "messages of the shard are left: " + window.ofShard(0));
        require(!window.hasUnresolved(), "outcomes are waited for");
        window.beginRead();
        if (!window.isHalted()) {
            window.admit(message(++lastId), false);
            synchronized (published) {
                require(published.size() == 1, "its key is held for ever");
            }
        }
    }

    private static void require(boolean condition, String what) {
        if (!condition) {
            throw new IllegalStateException(what);
        }
    }

    private static StoredMessage message(long id) {
        return new StoredMessage(
                id,
                0,
                Instant.EPOCH,
                1,
                BYTES,
                new OutboxRecord("m" + id, "c", "d", "k" + id % 2, "t", "x/y", Map.of(), new byte[BYTES], null));
    }

    @Test
    void noInterleaving_losesAMessageOrCountsItWrong() {
        new ModelCheckingOptions()
                .threads(3)
                .actorsBefore(3)
                .actorsPerThread(2)
                .actorsAfter(0)
                .iterations(Integer.getInteger("outbox.interleavings", 2))
                .invocationsPerIteration(200)
                .minimizeFailedScenario(false)
                .check(WindowInterleavingsTest.class);
    }
}
