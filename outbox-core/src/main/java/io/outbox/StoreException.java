package io.outbox;

import org.jspecify.annotations.Nullable;

/** The database refused or failed; repeating the call as it is will not help. */
public class StoreException extends OutboxException {
    private static final long serialVersionUID = 1L;

    /**
     * Makes an exception without a cause.
     *
     * @param message what failed, with the names and limits concerned; never a payload or a header value
     */
    public StoreException(String message) {
        super(message);
    }

    /**
     * Makes an exception with its cause.
     *
     * @param message what failed, with the names and limits concerned; never a payload or a header value
     * @param cause what led to it
     */
    public StoreException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }
}
