package io.outbox.spring;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.Kind;
import io.micrometer.observation.transport.SenderContext;
import io.outbox.Message;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Observes publishing as {@code outbox.publish}, and gives the message the headers that a tracer propagates, such as {@code traceparent}:
 * the trace goes on where the message is handled. A header that the message has already is kept. Thread-safe.
 */
final class PublishObservations implements PublishObserver {
    private final ObservationRegistry registry;

    PublishObservations(ObservationRegistry registry) {
        this.registry = registry;
    }

    @Override
    public Message apply(Message message) {
        if (registry.isNoop()) {
            return message;
        }
        Map<String, String> propagated = new LinkedHashMap<>();
        SenderContext<Map<String, String>> context = new SenderContext<>(PublishObservations::put, Kind.PRODUCER);
        context.setCarrier(propagated);
        Observation.createNotStarted("outbox.publish", () -> context, registry)
                .contextualName("publish " + message.destination())
                .lowCardinalityKeyValue("messaging.system", "outbox")
                .highCardinalityKeyValue("messaging.destination.name", message.destination())
                .observe(() -> {});
        propagated.keySet().removeAll(message.headers().keySet());
        return propagated.isEmpty()
                ? message
                : message.toBuilder().headers(propagated).build();
    }

    private static void put(@org.jspecify.annotations.Nullable Map<String, String> carrier, String name, String value) {
        if (carrier != null) {
            carrier.put(name, value);
        }
    }
}
