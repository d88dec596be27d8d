package io.outbox.spring;

import io.outbox.annotation.Idempotent;
import io.outbox.annotation.MethodPlan;
import io.outbox.annotation.Publishes;
import java.io.Serial;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.springframework.aop.support.AopUtils;
import org.springframework.aop.support.StaticMethodMatcherPointcutAdvisor;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.util.ClassUtils;

/**
 * Finds methods of beans with {@link Publishes} or {@link Idempotent}. Innermost of all advice, so that it runs in the
 * transaction that the method's own annotation begins. What is wrong fails when the bean is made.
 */
final class OutboxAdvisor extends StaticMethodMatcherPointcutAdvisor {
    @Serial
    private static final long serialVersionUID = 1L;

    private final transient SpelLanguage language = new SpelLanguage();
    private final transient Map<Method, Optional<MethodPlan>> plans = new ConcurrentHashMap<>();

    OutboxAdvisor(OutboxInterceptor interceptor) {
        super(interceptor);
        setOrder(Ordered.LOWEST_PRECEDENCE);
        interceptor.plans(this::plan);
    }

    @Override
    public boolean matches(Method method, Class<?> targetClass) {
        Method specific = AopUtils.getMostSpecificMethod(method, targetClass);
        boolean isAnnotated = AnnotatedElementUtils.hasAnnotation(specific, Publishes.class)
                || AnnotatedElementUtils.hasAnnotation(specific, Idempotent.class);
        if (isAnnotated && (specific.getModifiers() & (Modifier.PRIVATE | Modifier.STATIC | Modifier.FINAL)) != 0) {
            throw new IllegalStateException("the annotation on " + specific
                    + " would have no effect: a private, static or final method cannot be called through a proxy");
        }
        return isAnnotated && plan(specific).isPresent();
    }

    private Optional<MethodPlan> plan(Method method) {
        return plans.computeIfAbsent(method, it -> MethodPlan.of(it, annotated(it), language));
    }

    /** The method itself, or the one of an interface that it implements. */
    private static Method annotated(Method method) {
        return Stream.concat(
                        Stream.of(method),
                        Arrays.stream(ClassUtils.getAllInterfacesForClass(method.getDeclaringClass()))
                                .map(type -> ClassUtils.getMethodIfAvailable(
                                        type, method.getName(), method.getParameterTypes()))
                                .flatMap(Stream::ofNullable))
                .filter(it -> it.isAnnotationPresent(Publishes.class) || it.isAnnotationPresent(Idempotent.class))
                .findFirst()
                .orElse(method);
    }
}
