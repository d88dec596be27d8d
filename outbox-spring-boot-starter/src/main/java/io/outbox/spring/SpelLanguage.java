package io.outbox.spring;

import io.outbox.annotation.Expression;
import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;
import org.springframework.context.expression.MethodBasedEvaluationContext;
import org.springframework.core.DefaultParameterNameDiscoverer;
import org.springframework.core.ParameterNameDiscoverer;
import org.springframework.expression.ParseException;
import org.springframework.expression.spel.standard.SpelExpressionParser;

/** Property paths, and SpEL for what begins with a hash: {@code #result.orderId}, {@code #order.items[0].id}. */
final class SpelLanguage implements Expression.Language {
    private static final ParameterNameDiscoverer NAMES = new DefaultParameterNameDiscoverer();

    private final SpelExpressionParser parser = new SpelExpressionParser();

    @Override
    public Expression read(String text, Method method, @Nullable Class<?> element) {
        if (!text.strip().startsWith("#")) {
            return PATHS.read(text, method, element);
        }
        org.springframework.expression.Expression parsed;
        try {
            parsed = parser.parseExpression(text);
        } catch (ParseException e) {
            throw new IllegalArgumentException("'" + text + "' on " + method + " is no SpEL expression", e);
        }
        return (arguments, value) -> {
            MethodBasedEvaluationContext context = new MethodBasedEvaluationContext(method, method, arguments, NAMES);
            context.setVariable("result", value);
            return parsed.getValue(context);
        };
    }
}
