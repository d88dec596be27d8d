package io.outbox.annotation;

import static java.util.Objects.requireNonNull;

import io.outbox.Message;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.TypeVariable;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * What the annotations of a method ask for, checked: the one meaning that proxies of this library and of frameworks share. For
 * those who write such a proxy. Immutable, thread-safe.
 */
public final class MethodPlan {
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)}");
    private static final List<Class<?>> ASYNCHRONOUS =
            List.of(Future.class, CompletionStage.class, Flow.Publisher.class);

    private final Method method;
    private final @Nullable Publishes publishes;
    private final @Nullable Idempotent idempotent;
    private final List<Expression> inDestination = new ArrayList<>();
    private final @Nullable Expression key;
    private final @Nullable Expression id;

    private MethodPlan(
            Method method,
            @Nullable Publishes publishes,
            @Nullable Idempotent idempotent,
            Expression.Language language) {
        this.method = method;
        this.publishes = publishes;
        this.idempotent = idempotent;
        Class<?> element = publishes == null ? null : element(method.getGenericReturnType());
        key = publishes == null || publishes.key().isBlank() ? null : language.read(publishes.key(), method, element);
        if (publishes != null) {
            Matcher placeholders = PLACEHOLDER.matcher(publishes.destination());
            while (placeholders.find()) {
                inDestination.add(language.read(placeholders.group(1), method, element));
            }
        }
        id = idempotent == null ? null : language.read(idempotent.id(), method, null);
    }

    /**
     * Reads the annotations of a method.
     *
     * @param method as its class or interface declares it: parameters and return type are those that expressions may use
     * @param annotated where the annotations are, the method itself or the one it implements
     * @param language reads expressions
     * @return empty when it has neither {@link Publishes} nor {@link Idempotent}
     * @throws IllegalArgumentException when an annotation would do nothing, or an expression is wrong
     */
    public static Optional<MethodPlan> of(Method method, AnnotatedElement annotated, Expression.Language language) {
        Publishes publishes = annotated.getAnnotation(Publishes.class);
        Idempotent idempotent = annotated.getAnnotation(Idempotent.class);
        if (publishes == null && idempotent == null) {
            return Optional.empty();
        }
        Class<?> returned = method.getReturnType();
        if (publishes != null && (returned == void.class || returned == Void.class)) {
            throw new IllegalArgumentException(
                    "@Publishes on " + method + " would publish nothing: it returns nothing");
        }
        if (publishes != null && publishes.destination().isBlank()) {
            throw new IllegalArgumentException("the destination of @Publishes on " + method + " is blank");
        }
        if (ASYNCHRONOUS.stream().anyMatch(type -> type.isAssignableFrom(returned))) {
            throw new IllegalArgumentException((publishes == null ? "@Idempotent" : "@Publishes") + " on " + method
                    + " would not cover what it does: it goes on after the transaction has ended");
        }
        if (idempotent != null && returned != void.class && returned != Void.class) {
            throw new IllegalArgumentException(
                    "@Idempotent on " + method + ": a repeat has nothing to return; make it void, or use"
                            + " IdempotentConsumer.once with a kept result");
        }
        return Optional.of(new MethodPlan(method, publishes, idempotent, language));
    }

    /**
     * Tells whose ids the method is idempotent for.
     *
     * @return the consumer group; empty when it is not
     */
    public Optional<String> consumer() {
        return Optional.ofNullable(idempotent).map(Idempotent::consumer);
    }

    /**
     * Computes the id of a call; only where there is a {@link #consumer()}.
     *
     * @param arguments of the call
     * @return the id
     * @throws IllegalArgumentException when it is null
     */
    public String id(@Nullable Object[] arguments) {
        Object value = requireNonNull(id, "@Idempotent").evaluate(arguments, null);
        if (value == null) {
            throw new IllegalArgumentException(
                    "the id '" + requireNonNull(idempotent, "@Idempotent").id() + "' of " + method + " is null");
        }
        return value.toString();
    }

    /**
     * Tells whether what the method returns is published.
     *
     * @return true with {@link Publishes}
     */
    public boolean isPublishing() {
        return publishes != null;
    }

    /**
     * Returns what is to be returned to the caller, from which {@link #messages} can be made: a stream can be read only once.
     *
     * @param returned what the method returned
     * @return a list instead of a stream, else the same
     */
    public @Nullable Object reusable(@Nullable Object returned) {
        return returned instanceof Stream<?> stream ? stream.toList() : returned;
    }

    /**
     * Returns what the caller gets.
     *
     * @param reusable what {@link #reusable} returned
     * @return a stream again, if the method returns one
     */
    public @Nullable Object forCaller(@Nullable Object reusable) {
        return reusable instanceof List<?> list && Stream.class.isAssignableFrom(method.getReturnType())
                ? list.stream()
                : reusable;
    }

    /**
     * Makes the messages of a call.
     *
     * @param arguments of the call
     * @param reusable what {@link #reusable} returned
     * @return one for each element that is not null
     * @throws IllegalStateException when a placeholder of the destination is null
     */
    public List<Message> messages(@Nullable Object[] arguments, @Nullable Object reusable) {
        List<Message> messages = new ArrayList<>();
        for (Object element : elements(reusable)) {
            if (element != null) {
                messages.add(message(requireNonNull(publishes, "@Publishes"), arguments, element));
            }
        }
        return messages;
    }

    private Message message(Publishes how, @Nullable Object[] arguments, Object element) {
        Message.Builder message =
                Message.to(destination(how, arguments, element)).payload(element);
        Object value = key == null ? null : key.evaluate(arguments, element);
        if (value != null) {
            message.key(value.toString());
        }
        if (!how.type().isBlank()) {
            message.type(how.type());
        }
        if (!how.channel().isBlank()) {
            message.channel(how.channel());
        }
        return message.build();
    }

    private String destination(Publishes how, @Nullable Object[] arguments, Object element) {
        int[] next = {0};
        return PLACEHOLDER.matcher(how.destination()).replaceAll(placeholder -> {
            Object value = inDestination.get(next[0]++).evaluate(arguments, element);
            if (value == null) {
                throw new IllegalStateException(
                        "the destination '" + how.destination() + "' of " + method + " has a null in it");
            }
            return Matcher.quoteReplacement(value.toString());
        });
    }

    private static Collection<?> elements(@Nullable Object returned) {
        if (returned == null) {
            return List.of();
        }
        if (returned instanceof Collection<?> collection) {
            return collection;
        }
        if (returned instanceof Optional<?> optional) {
            return optional.stream().toList();
        }
        return returned instanceof Object[] array ? Arrays.asList(array) : List.of(returned);
    }

    /** The type of what is published, as far as the declaration tells. */
    private static Class<?> element(Type returned) {
        Class<?> type = raw(returned);
        if (type.isArray() && !type.getComponentType().isPrimitive()) {
            return type.getComponentType();
        }
        boolean isWrapper = Collection.class.isAssignableFrom(type)
                || Stream.class.isAssignableFrom(type)
                || type == Optional.class;
        return isWrapper
                ? returned instanceof ParameterizedType parameterized
                        ? raw(parameterized.getActualTypeArguments()[0])
                        : Object.class
                : type;
    }

    private static Class<?> raw(Type type) {
        if (type instanceof Class<?> known) {
            return known;
        }
        if (type instanceof ParameterizedType parameterized) {
            return raw(parameterized.getRawType());
        }
        if (type instanceof WildcardType wildcard) {
            return raw(wildcard.getUpperBounds()[0]);
        }
        return type instanceof TypeVariable<?> variable ? raw(variable.getBounds()[0]) : Object.class;
    }
}
