package io.outbox.consumer;

import io.outbox.OutboxException;
import org.jspecify.annotations.Nullable;

/**
 * Thrown by a handler: something that it needs is away, and the message is not to blame. The consumer loops try it again, with
 * waits that grow, and count no attempt: it never becomes a dead letter for this. Later messages of its key wait, others go on.
 */
public class RetryLaterException extends OutboxException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a cause.
     *
     * @param message what is away, for the log
     */
    public RetryLaterException(String message) {
        super(message);
    }

    /**
     * Makes an exception with its cause.
     *
     * @param message what is away, for the log
     * @param cause how it was noticed
     */
    public RetryLaterException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
