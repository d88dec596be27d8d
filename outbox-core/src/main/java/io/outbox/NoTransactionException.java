package io.outbox;

import org.jspecify.annotations.Nullable;

/** A message was published outside a transaction, where it could not be atomic with anything. */
public class NoTransactionException extends OutboxException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a cause.
     *
     * @param message what failed, with the names and limits concerned; never a payload or a header value
     */
    public NoTransactionException(String message) {
        super(message);
    }

    /**
     * Makes an exception with its cause.
     *
     * @param message what failed, with the names and limits concerned; never a payload or a header value
     * @param cause what led to it
     */
    public NoTransactionException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
