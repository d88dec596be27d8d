package io.outbox.kafka;

import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Kafka settings given by the user, looked at by name. Confined to one thread. */
final class Settings {
    private final Map<String, Object> values;

    Settings(Map<String, ?> given) {
        values = new HashMap<>(given);
        values.values().removeIf(Objects::isNull);
    }

    boolean has(String name) {
        return values.get(name) != null;
    }

    @Nullable
    String text(String name) {
        Object value = values.get(name);
        return value == null ? null : value.toString().trim();
    }

    long number(String name, long otherwise) {
        String text = text(name);
        if (text == null) {
            return otherwise;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(name + " must be a whole number, was " + text, e);
        }
    }

    /** Sets a default where the user has given nothing. */
    void byDefault(String name, Object value) {
        values.putIfAbsent(name, value);
    }

    void set(String name, Object value) {
        values.put(name, value);
    }

    void refuse(String name, String reason) {
        if (has(name)) {
            throw new IllegalArgumentException(name + " cannot be set: " + reason);
        }
    }

    void require(boolean condition, String name, String rule) {
        if (!condition) {
            throw new IllegalArgumentException(name + " must be " + rule + ", was " + text(name));
        }
    }

    /** Refuses any class but the one that is used anyway. */
    void allowOnly(String name, Class<?> used, String reason) {
        Object value = values.get(name);
        if (value != null && value != used && !used.getName().equals(value.toString())) {
            throw new IllegalArgumentException(name + " cannot be " + value + ": " + reason);
        }
        values.put(name, used.getName());
    }

    Map<String, Object> toMap() {
        return Map.copyOf(values);
    }
}
