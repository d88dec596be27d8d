package io.outbox.consumer;

import io.outbox.OutboxException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a handler: this message will fail however often it is tried. The consumer loops set it aside as a dead letter at once.
 */
public class RejectedMessageException extends OutboxException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a cause.
     *
     * @param message why, for the dead letter's reason and the log; never a payload
     */
    public RejectedMessageException(String message) {
        super(message);
    }

    /**
     * Makes an exception with its cause.
     *
     * @param message why, for the dead letter's reason and the log; never a payload
     * @param cause what led to it
     */
    public RejectedMessageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
