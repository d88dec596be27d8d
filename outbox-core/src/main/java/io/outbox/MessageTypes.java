package io.outbox;

import static java.util.Objects.requireNonNull;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Maps payload classes to logical type names and back.
 *
 * <p>A class has a name because it was registered here or because it carries {@link MessageType}; a class name is never
 * used by accident. To read a message the class must have been registered, by name or as an annotated class. Immutable.
 */
public final class MessageTypes {
    private static final MessageTypes EMPTY = new MessageTypes(new Builder());

    private final Map<Class<?>, String> names;
    private final Map<String, Class<?>> classes;

    private MessageTypes(Builder builder) {
        names = Map.copyOf(builder.names);
        classes = Map.copyOf(builder.classes);
    }

    /**
     * Returns the registry that knows annotated classes only, when writing, and none when reading.
     *
     * @return the empty registry
     */
    public static MessageTypes none() {
        return EMPTY;
    }

    /**
     * Starts a registry.
     *
     * @return a new builder
     */
    public static Builder builder() {
        return new Builder();
    }

    /**
     * Makes a registry of annotated classes.
     *
     * @param annotated classes that carry {@link MessageType}
     * @return the registry
     * @throws IllegalArgumentException when a class has no annotation or a name is taken
     */
    public static MessageTypes of(Class<?>... annotated) {
        Builder builder = builder();
        for (Class<?> type : annotated) {
            builder.add(type);
        }
        return builder.build();
    }

    /**
     * Returns the logical name of a payload class.
     *
     * @param payloadClass a class
     * @return its name, empty when it is neither registered nor annotated
     */
    public Optional<String> nameOf(Class<?> payloadClass) {
        String name = names.get(requireNonNull(payloadClass, "payloadClass"));
        if (name != null) {
            return Optional.of(name);
        }
        return Optional.ofNullable(payloadClass.getAnnotation(MessageType.class))
                .map(MessageType::value);
    }

    /**
     * Returns the class that payloads of a logical type are decoded to.
     *
     * @param typeName a logical name or an alias
     * @return the class, empty when the name is unknown here: the message is then to be set aside
     */
    public Optional<Class<?>> classOf(@Nullable String typeName) {
        return typeName == null ? Optional.empty() : Optional.ofNullable(classes.get(typeName));
    }

    /** Collects names and classes; confined to one thread. */
    public static final class Builder {
        private final Map<Class<?>, String> names = new HashMap<>();
        private final Map<String, Class<?>> classes = new HashMap<>();

        private Builder() {}

        /**
         * Adds a class that carries {@link MessageType}.
         *
         * @param annotated the class
         * @return this builder
         * @throws IllegalArgumentException when the annotation is missing or a name is taken
         */
        public Builder add(Class<?> annotated) {
            MessageType annotation = annotated.getAnnotation(MessageType.class);
            if (annotation == null) {
                throw new IllegalArgumentException(annotated.getName()
                        + " has no @MessageType: annotate it, or use add(name, class) to give it a logical name");
            }
            return add(annotation.value(), annotated, annotation.aliases());
        }

        /**
         * Adds a class under a logical name.
         *
         * @param name the name written with new messages
         * @param payloadClass the class
         * @param aliases former names that are still read
         * @return this builder
         * @throws IllegalArgumentException when a name is blank or taken by another class, or the class has another name
         */
        public Builder add(String name, Class<?> payloadClass, String... aliases) {
            requireNonNull(payloadClass, "payloadClass");
            String before = names.put(payloadClass, name);
            if (before != null && !before.equals(name)) {
                throw new IllegalArgumentException(payloadClass.getName() + " already has the type name '" + before
                        + "', was given '" + name + "'");
            }
            claim(name, payloadClass);
            for (String alias : aliases) {
                claim(alias, payloadClass);
            }
            return this;
        }

        /**
         * Makes the registry.
         *
         * @return the registry
         */
        public MessageTypes build() {
            return new MessageTypes(this);
        }

        private void claim(String name, Class<?> payloadClass) {
            if (name.isBlank()) {
                throw new IllegalArgumentException("type name of " + payloadClass.getName() + " is blank");
            }
            Class<?> owner = classes.putIfAbsent(name, payloadClass);
            if (owner != null && owner != payloadClass) {
                throw new IllegalArgumentException("type name '" + name + "' is taken by " + owner.getName()
                        + ", cannot be given to " + payloadClass.getName());
            }
        }
    }
}
