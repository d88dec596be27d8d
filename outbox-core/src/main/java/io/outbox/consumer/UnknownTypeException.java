package io.outbox.consumer;

import org.jspecify.annotations.Nullable;

/** A message has a logical type that this consumer does not know. It is to be set aside; repeating is of no use. */
public final class UnknownTypeException extends RejectedMessageException {
    private static final long serialVersionUID = 1L;
    private static final int MAX_LENGTH = 255;

    UnknownTypeException(ReceivedMessage message) {
        super("no handler for type '" + shortened(message.type()) + "' of message " + message.id() + " from "
                + message.destination() + ": register its class in MessageTypes and its handler in TypedHandlers");
    }

    /** A sender's text: not longer than a type may be, and on one line. */
    private static @Nullable String shortened(@Nullable String type) {
        if (type == null) {
            return null;
        }
        String text = type.length() <= MAX_LENGTH ? type : type.substring(0, MAX_LENGTH) + "…";
        return text.replaceAll("\\p{Cntrl}", "\uFFFD");
    }
}
