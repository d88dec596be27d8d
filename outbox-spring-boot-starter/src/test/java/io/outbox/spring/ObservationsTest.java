package io.outbox.spring;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.observation.Observation;
import io.micrometer.observation.ObservationHandler;
import io.micrometer.observation.ObservationRegistry;
import io.micrometer.observation.transport.ReceiverContext;
import io.micrometer.observation.transport.SenderContext;
import io.outbox.Message;
import io.outbox.consumer.ReceivedMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** With a handler that propagates as Micrometer Tracing's does. */
class ObservationsTest {
    private static final String TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    private final ObservationRegistry registry = ObservationRegistry.create();
    private final List<String> seen = new ArrayList<>();

    @BeforeEach
    void propagate() {
        registry.observationConfig().observationHandler(new ObservationHandler<>() {
            @Override
            public void onStart(Observation.Context context) {
                if (context instanceof SenderContext<?> sender) {
                    inject(sender);
                } else if (context instanceof ReceiverContext<?> receiver) {
                    seen.add("from " + extract(receiver));
                }
            }

            @Override
            public void onStop(Observation.Context context) {
                seen.add(context.getContextualName() + (context.getError() == null ? "" : " failed"));
            }

            @Override
            public boolean supportsContext(Observation.Context context) {
                return true;
            }
        });
    }

    private static <C> void inject(SenderContext<C> context) {
        context.getSetter().set(context.getCarrier(), "traceparent", TRACE);
    }

    private static <C> String extract(ReceiverContext<C> context) {
        return context.getGetter().get(context.getCarrier(), "traceparent");
    }

    @Test
    void aMessage_getsTheTraceContext_unlessItHasOne() {
        PublishObservations observations = new PublishObservations(registry);
        Message plain = Message.to("orders").type("t").payload("x").build();
        Message own = plain.toBuilder().header("traceparent", "its own").build();

        assertThat(observations.apply(plain).headers()).containsEntry("traceparent", TRACE);
        assertThat(observations.apply(own).headers()).containsEntry("traceparent", "its own");
        assertThat(seen).containsExactly("publish orders", "publish orders");
        assertThat(new PublishObservations(ObservationRegistry.NOOP).apply(plain))
                .isSameAs(plain);
    }

    @Test
    void handling_isObservedWithinTheMessagesTrace() throws Exception {
        ReceivedMessage message = new ReceivedMessage(
                "id", "orders", null, "t", null, null, null, Map.of("traceparent", TRACE), new byte[0], 1);
        ObservedHandlers.<String, Exception>observed(registry, (transaction, received) -> {
                    assertThat(registry.getCurrentObservation()).isNotNull();
                    seen.add("handled in " + transaction);
                })
                .handle("tx", message);
        assertThatThrownBy(() -> ObservedHandlers.<String, Exception>observed(registry, (transaction, received) -> {
                            throw new IllegalStateException("no");
                        })
                        .handle("tx", message))
                .hasMessage("no");

        assertThat(seen)
                .containsExactly(
                        "from " + TRACE, "handled in tx", "handle orders", "from " + TRACE, "handle orders failed");
    }
}
