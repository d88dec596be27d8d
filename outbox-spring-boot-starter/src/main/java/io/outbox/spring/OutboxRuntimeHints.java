package io.outbox.spring;

import io.outbox.annotation.Idempotent;
import io.outbox.annotation.Publishes;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.aot.hint.BindingReflectionHintsRegistrar;
import org.springframework.aot.hint.RuntimeHints;
import org.springframework.aot.hint.RuntimeHintsRegistrar;
import org.springframework.beans.factory.aot.BeanRegistrationAotContribution;
import org.springframework.beans.factory.aot.BeanRegistrationAotProcessor;
import org.springframework.beans.factory.support.RegisteredBean;

/**
 * Hints for native images: the schema scripts, and what annotated methods take and return, since it is read by expressions and
 * encoded. Payloads that are published otherwise are for the application to register.
 */
final class OutboxRuntimeHints implements RuntimeHintsRegistrar, BeanRegistrationAotProcessor {
    private static final BindingReflectionHintsRegistrar BINDING = new BindingReflectionHintsRegistrar();

    @Override
    public void registerHints(RuntimeHints hints, @Nullable ClassLoader classLoader) {
        hints.resources().registerPattern("io/outbox/jdbc/schema/**");
    }

    @Override
    public @Nullable BeanRegistrationAotContribution processAheadOfTime(RegisteredBean bean) {
        List<Method> annotated = Arrays.stream(bean.getBeanClass().getMethods())
                .filter(method ->
                        method.isAnnotationPresent(Publishes.class) || method.isAnnotationPresent(Idempotent.class))
                .toList();
        if (annotated.isEmpty()) {
            return null;
        }
        return (generation, code) -> annotated.forEach(method -> {
            BINDING.registerReflectionHints(generation.getRuntimeHints().reflection(), method.getGenericReturnType());
            BINDING.registerReflectionHints(
                    generation.getRuntimeHints().reflection(), method.getGenericParameterTypes());
        });
    }
}
