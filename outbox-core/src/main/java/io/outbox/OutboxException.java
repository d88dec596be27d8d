package io.outbox;

import org.jspecify.annotations.Nullable;

/** Root of every exception this library throws on its own account. */
public class OutboxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a cause.
     *
     * @param message what failed, with the names and limits concerned; never a payload or a header value
     */
    public OutboxException(String message) {
        super(message);
    }

    /**
     * Makes an exception with its cause.
     *
     * @param message what failed, with the names and limits concerned; never a payload or a header value
     * @param cause what led to it
     */
    public OutboxException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
