package io.outbox.spring;

import io.outbox.Message;
import io.outbox.MessageTypes;
import org.springframework.beans.factory.BeanFactory;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.context.expression.BeanFactoryResolver;
import org.springframework.expression.spel.support.StandardEvaluationContext;
import org.springframework.modulith.events.EventExternalizationConfiguration;
import org.springframework.modulith.events.RoutingTarget;
import org.springframework.modulith.events.support.BrokerRouting;

/**
 * Writes the events that Spring Modulith selects to the outbox, in the transaction in which they are published: its mapping makes the
 * payload, its target the destination and the key. Thread-safe.
 */
final class ExternalizedListener implements ApplicationListener<PayloadApplicationEvent<?>> {
    private final EventExternalizationConfiguration configuration;
    private final SpringOutbox outbox;
    private final MessageTypes types;
    private final StandardEvaluationContext context = new StandardEvaluationContext();

    ExternalizedListener(
            EventExternalizationConfiguration configuration,
            SpringOutbox outbox,
            MessageTypes types,
            BeanFactory beans) {
        this.configuration = configuration;
        this.outbox = outbox;
        this.types = types;
        context.setBeanResolver(new BeanFactoryResolver(beans));
    }

    @Override
    public void onApplicationEvent(PayloadApplicationEvent<?> happened) {
        Object event = happened.getPayload();
        if (!configuration.supports(event)) {
            return;
        }
        Object payload = configuration.map(event);
        RoutingTarget target = configuration.determineTarget(event);
        BrokerRouting routing = BrokerRouting.of(target, context);
        Message.Builder message =
                Message.to(routing.getTarget(payload)).payload(payload).type(typeOf(event, payload));
        // without a key of its own, Modulith's routing answers with the target
        String key = target.getKey() == null ? null : routing.getKey(payload);
        if (key != null && !key.isEmpty()) {
            message.key(key);
        }
        configuration.getHeadersFor(event).forEach((name, value) -> message.header(name, String.valueOf(value)));
        String unused = outbox.publish(message.build());
    }

    /** The logical name of the payload's or the event's class; where they have none, the name of the event's class. */
    private String typeOf(Object event, Object payload) {
        return types.nameOf(payload.getClass())
                .or(() -> types.nameOf(event.getClass()))
                .orElseGet(() -> event.getClass().getName());
    }
}
