package io.outbox.consumer;

import static java.util.Objects.requireNonNull;

import io.outbox.JacksonPayloadCodec;
import io.outbox.MessageTypes;
import io.outbox.spi.PayloadCodec;
import java.util.HashMap;
import java.util.Map;

/**
 * Hands each message to the handler of its logical type, with its payload decoded. A type without a handler ends in
 * {@link UnknownTypeException}, which the consumer loops set aside as a dead letter, so that the rest goes on; {@link
 * Builder#onOthers} says otherwise. Immutable.
 *
 * @param <T> the handle of the transaction
 */
public final class TypedHandlers<T> implements MessageHandler<T, Exception> {
    private final MessageTypes types;
    private final PayloadCodec codec;
    private final Map<Class<?>, Typed<T, ?>> handlers;
    private final MessageHandler<T, ? extends Exception> others;

    private TypedHandlers(Builder<T> builder) {
        types = builder.types;
        codec = builder.codec;
        handlers = Map.copyOf(builder.handlers);
        others = builder.others;
    }

    /**
     * Starts a set of handlers.
     *
     * @param <T> the handle of the transaction
     * @param types maps logical names to classes
     * @return a new builder
     */
    public static <T> Builder<T> builder(MessageTypes types) {
        return new Builder<>(types);
    }

    @Override
    public void handle(T transaction, ReceivedMessage message) throws Exception {
        Typed<T, ?> handler = types.classOf(message.type()).map(handlers::get).orElse(null);
        if (handler == null) {
            others.handle(transaction, message);
        } else {
            handler.decodeAndHandle(transaction, message, codec);
        }
    }

    /**
     * Handles a decoded payload.
     *
     * @param <T> the handle of the transaction
     * @param <P> the payload's class
     */
    @FunctionalInterface
    public interface PayloadHandler<T, P> {
        /**
         * Handles a payload.
         *
         * @param transaction the open transaction
         * @param payload the decoded payload
         * @param message the message it came with
         * @throws Exception any failure; rolls the transaction back
         */
        void handle(T transaction, P payload, ReceivedMessage message) throws Exception;
    }

    private record Typed<T, P>(Class<P> payloadClass, PayloadHandler<T, P> handler) {
        void decodeAndHandle(T transaction, ReceivedMessage message, PayloadCodec codec) throws Exception {
            handler.handle(transaction, codec.decode(message.payload(), payloadClass), message);
        }
    }

    /**
     * Collects handlers; confined to one thread.
     *
     * @param <T> the handle of the transaction
     */
    public static final class Builder<T> {
        private final MessageTypes types;
        private final Map<Class<?>, Typed<T, ?>> handlers = new HashMap<>();
        private PayloadCodec codec = new JacksonPayloadCodec();
        private MessageHandler<T, ? extends Exception> others = (transaction, message) -> {
            throw new UnknownTypeException(message);
        };

        private Builder(MessageTypes types) {
            this.types = requireNonNull(types, "types");
        }

        /**
         * Sets how bytes become payload objects. Default: JSON by Jackson.
         *
         * @param codec the codec
         * @return this builder
         */
        public Builder<T> codec(PayloadCodec codec) {
            this.codec = requireNonNull(codec, "codec");
            return this;
        }

        /**
         * Adds the handler of a class.
         *
         * @param <P> the payload's class
         * @param payloadClass a class that the types know
         * @param handler its handler
         * @return this builder
         * @throws IllegalArgumentException when the types do not know the class, or it has a handler already
         */
        public <P> Builder<T> on(Class<P> payloadClass, PayloadHandler<T, P> handler) {
            String name = types.nameOf(payloadClass).orElse(null);
            if (types.classOf(name).filter(payloadClass::equals).isEmpty()) {
                throw new IllegalArgumentException(
                        payloadClass.getName() + " is not in the MessageTypes: add it there, so that it can be read");
            }
            if (handlers.putIfAbsent(payloadClass, new Typed<>(payloadClass, requireNonNull(handler, "handler")))
                    != null) {
                throw new IllegalArgumentException(payloadClass.getName() + " has a handler already");
            }
            return this;
        }

        /**
         * Sets what becomes of messages whose type has no handler, or that have no type: their payload is not decoded. Default:
         * {@link UnknownTypeException}, which makes them dead letters. A handler that does nothing ignores them, for a topic
         * that carries more than this consumer is interested in.
         *
         * @param handler their handler
         * @return this builder
         */
        public Builder<T> onOthers(MessageHandler<T, ? extends Exception> handler) {
            others = requireNonNull(handler, "handler");
            return this;
        }

        /**
         * Makes the set.
         *
         * @return an immutable set of handlers
         */
        public TypedHandlers<T> build() {
            return new TypedHandlers<>(this);
        }
    }
}
