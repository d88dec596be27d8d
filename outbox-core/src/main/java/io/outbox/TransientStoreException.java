package io.outbox;

import org.jspecify.annotations.Nullable;

/** The database failed in a way that may pass: a lost connection, a deadlock, a time-out. Roll back and repeat. */
public class TransientStoreException extends StoreException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a cause.
     *
     * @param message what failed, with the names and limits concerned; never a payload or a header value
     */
    public TransientStoreException(String message) {
        super(message);
    }

    /**
     * Makes an exception with its cause.
     *
     * @param message what failed, with the names and limits concerned; never a payload or a header value
     * @param cause what led to it
     */
    public TransientStoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
