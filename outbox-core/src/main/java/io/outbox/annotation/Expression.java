package io.outbox.annotation;

import java.lang.reflect.Method;
import org.jspecify.annotations.Nullable;

/** An expression of an annotation, made for one method. Thread-safe. */
@FunctionalInterface
public interface Expression {
    /**
     * Computes it for a call.
     *
     * @param arguments of the call
     * @param element what is published; null where nothing is
     * @return the value, or null
     */
    @Nullable
    Object evaluate(@Nullable Object[] arguments, @Nullable Object element);

    /** A language of expressions. */
    @FunctionalInterface
    interface Language {
        /** Property paths. */
        Language PATHS = PropertyPath::of;

        /**
         * Reads an expression.
         *
         * @param text the expression
         * @param method whose parameters it may name
         * @param element the type of a published element; null where there is none
         * @return the expression
         * @throws IllegalArgumentException when it is wrong
         */
        Expression read(String text, Method method, @Nullable Class<?> element);
    }
}
