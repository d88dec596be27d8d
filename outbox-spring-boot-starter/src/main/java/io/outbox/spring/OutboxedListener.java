package io.outbox.spring;

import io.outbox.Message;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.ApplicationListener;
import org.springframework.context.PayloadApplicationEvent;
import org.springframework.core.Ordered;
import org.springframework.expression.Expression;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/** Writes events that are {@link Outboxed} to the outbox, before other listeners see them. Thread-safe. */
final class OutboxedListener implements ApplicationListener<PayloadApplicationEvent<?>>, Ordered {
    private final SpringOutbox outbox;
    private final SpelExpressionParser parser = new SpelExpressionParser();
    private final Map<String, Expression> keys = new ConcurrentHashMap<>();

    OutboxedListener(SpringOutbox outbox) {
        this.outbox = outbox;
    }

    @Override
    public void onApplicationEvent(PayloadApplicationEvent<?> event) {
        Object payload = event.getPayload();
        Outboxed how = payload.getClass().getAnnotation(Outboxed.class);
        if (how == null) {
            return;
        }
        Message.Builder message = Message.to(how.destination()).payload(payload);
        if (!how.key().isBlank()) {
            Object key =
                    keys.computeIfAbsent(how.key(), parser::parseExpression).getValue(payload);
            if (key != null) {
                message.key(key.toString());
            }
        }
        if (!how.type().isBlank()) {
            message.type(how.type());
        }
        String unused = outbox.publish(message.build());
    }

    @Override
    public int getOrder() {
        return Ordered.HIGHEST_PRECEDENCE;
    }
}
