package io.outbox.spring;

import static java.util.Objects.requireNonNull;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.ReceiverContext;
import io.outbox.consumer.MessageHandler;
import io.outbox.consumer.ReceivedMessage;
import org.jspecify.annotations.Nullable;

/**
 * Observes the handling of messages as {@code outbox.handle}, within the trace that the message's headers tell of. For handlers that are
 * given to a consumer loop of this library; Spring's own listeners are observed by Spring.
 */
public final class ObservedHandlers {
    private ObservedHandlers() {}

    /**
     * Wraps a handler.
     *
     * @param <T> the handle of the transaction
     * @param <X> what the handler may throw
     * @param registry where observations go
     * @param handler handles messages
     * @return a handler that does the same, observed
     */
    public static <T, X extends Exception> MessageHandler<T, X> observed(
            ObservationRegistry registry, MessageHandler<T, X> handler) {
        requireNonNull(registry, "registry");
        requireNonNull(handler, "handler");
        return (transaction, message) -> {
            if (registry.isNoop()) {
                handler.handle(transaction, message);
            } else {
                observation(registry, message).observeChecked(() -> handler.handle(transaction, message));
            }
        };
    }

    private static Observation observation(ObservationRegistry registry, ReceivedMessage message) {
        ReceiverContext<ReceivedMessage> context = new ReceiverContext<>(ObservedHandlers::header);
        context.setCarrier(message);
        return Observation.createNotStarted("outbox.handle", () -> context, registry)
                .contextualName("handle " + message.destination())
                .lowCardinalityKeyValue("messaging.system", "outbox")
                .highCardinalityKeyValue("messaging.destination.name", message.destination())
                .highCardinalityKeyValue("messaging.message.id", message.id());
    }

    private static @Nullable String header(@Nullable ReceivedMessage message, String name) {
        return message == null ? null : message.headers().get(name);
    }
}
