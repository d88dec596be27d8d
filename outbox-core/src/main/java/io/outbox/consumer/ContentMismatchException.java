package io.outbox.consumer;

import io.outbox.OutboxException;

/** An id that was handled before came again with other content: two different requests carry the same idempotency key. */
public final class ContentMismatchException extends OutboxException {
    private static final long serialVersionUID = 1L;

    ContentMismatchException(String group, String id) {
        super("id '" + id + "' was handled by group '" + group
                + "' with other content: an idempotency key stands for one request, draw a new one for another");
    }
}
