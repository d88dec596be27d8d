package io.outbox.consumer;

/** A message has a logical type that this consumer does not know. It is to be set aside; repeating is of no use. */
public final class UnknownTypeException extends RejectedMessageException {
    private static final long serialVersionUID = 1L;

    UnknownTypeException(ReceivedMessage message) {
        super("no handler for type '" + message.type() + "' of message " + message.id() + " from "
                + message.destination() + ": register its class in MessageTypes and its handler in TypedHandlers");
    }
}
