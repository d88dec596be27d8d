package io.outbox;

import org.jspecify.annotations.Nullable;

/** A message cannot be stored as it is: the caller has to change the message, its type or a limit. */
public class InvalidMessageException extends OutboxException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a cause.
     *
     * @param message what failed, with the names and limits concerned; never a payload or a header value
     */
    public InvalidMessageException(String message) {
        super(message);
    }

    /**
     * Makes an exception with its cause.
     *
     * @param message what failed, with the names and limits concerned; never a payload or a header value
     * @param cause what led to it
     */
    public InvalidMessageException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
