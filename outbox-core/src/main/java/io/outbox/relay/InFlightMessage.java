package io.outbox.relay;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import org.jspecify.annotations.Nullable;

/** One message between being read and being deleted or parked; its fields are guarded by its {@link Window}. */
final class InFlightMessage implements Publisher.Confirmation {
    /** Where the message stands. */
    enum State {
        /** Waits, in memory, for the message of the same key that is with the publisher. */
        QUEUED,
        /** With the publisher. */
        PUBLISHING,
        /** Acknowledged by the broker, not yet deleted. */
        ACKNOWLEDGED,
        /** To be parked. */
        PARKING,
        /** No longer the relay's business. */
        GONE
    }

    final long id;
    final int shard;
    final @Nullable String key;
    final int bytes;
    private final Window window;
    State state = State.PUBLISHING;
    /** Given up when the broker has acknowledged the message, to free its payload. */
    @Nullable
    StoredMessage message;

    InFlightMessage(Window window, StoredMessage message) {
        this.window = window;
        this.message = message;
        id = message.id();
        shard = message.shard();
        key = message.message().key();
        bytes = message.payloadSize();
    }

    /** Whether it is not known yet if it arrives, is parked, or has to be read again. */
    boolean isUndecided() {
        return state == State.QUEUED || state == State.PUBLISHING;
    }

    @Override
    public void complete(PublishOutcome outcome) {
        window.complete(this, outcome);
    }
}
