package io.outbox;

import static java.util.Objects.requireNonNull;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The message that the calling thread is handling, so that those it publishes meanwhile say what caused them.
 *
 * <p>While {@link #call} runs, an {@link Outbox} gives each message, unless it has a header of that name itself, the headers
 * {@value #CAUSATION_ID} (the id of the message at hand) and {@value #CORRELATION_ID} (that message's own, else its id), and hands
 * on its trace context ({@code traceparent}, {@code tracestate}) where none of its own is set. A chain of messages through many
 * services has one correlation id, the id of the first. {@link io.outbox.consumer.IdempotentConsumer} does it by itself. Known on
 * the one thread only. Immutable.
 */
public final class Causation {
    /** The header with the id of the message that caused this one. */
    public static final String CAUSATION_ID = "causation-id";

    /** The header that all messages of a chain share. */
    public static final String CORRELATION_ID = "correlation-id";

    private static final String TRACE_PARENT = "traceparent";
    private static final String TRACE_STATE = "tracestate";
    private static final ThreadLocal<@Nullable Causation> CURRENT = new ThreadLocal<>();

    private final Map<String, String> headers;

    private Causation(Map<String, String> headers) {
        this.headers = Map.copyOf(headers);
    }

    /**
     * Describes a message as a cause.
     *
     * @param messageId its id
     * @param messageHeaders its headers
     * @return what messages that it causes will say
     */
    public static Causation of(String messageId, Map<String, String> messageHeaders) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put(CAUSATION_ID, requireNonNull(messageId, "messageId"));
        headers.put(CORRELATION_ID, messageHeaders.getOrDefault(CORRELATION_ID, messageId));
        String parent = messageHeaders.get(TRACE_PARENT);
        if (parent != null) {
            headers.put(TRACE_PARENT, parent);
            String state = messageHeaders.get(TRACE_STATE);
            if (state != null) {
                headers.put(TRACE_STATE, state);
            }
        }
        return new Causation(headers);
    }

    /**
     * Returns the cause of what the calling thread publishes.
     *
     * @return empty when it handles no message
     */
    public static Optional<Causation> current() {
        return Optional.ofNullable(CURRENT.get());
    }

    /**
     * Returns the headers that messages get from this cause.
     *
     * @return an immutable map
     */
    public Map<String, String> headers() {
        return headers;
    }

    /**
     * Runs an action as caused by this message; within another, the inner one counts.
     *
     * @param <X> what the action may throw
     * @param action runs on the calling thread
     * @throws X what the action threw
     */
    public <X extends Exception> void call(Action<X> action) throws X {
        Causation outer = CURRENT.get();
        CURRENT.set(this);
        try {
            action.run();
        } finally {
            if (outer == null) {
                CURRENT.remove();
            } else {
                CURRENT.set(outer);
            }
        }
    }

    /** The headers of a message: its own, then its trace context's, then its cause's. */
    static Map<String, String> join(Map<String, String> own, Map<String, String> trace) {
        Causation cause = CURRENT.get();
        if (cause == null && trace.isEmpty()) {
            return own;
        }
        Map<String, String> all = new LinkedHashMap<>();
        if (cause != null) {
            all.putAll(cause.headers);
        }
        if (trace.containsKey(TRACE_PARENT) || own.containsKey(TRACE_PARENT)) {
            all.remove(TRACE_STATE); // it belongs to the other parent
        }
        all.putAll(trace);
        all.putAll(own);
        return all;
    }

    /**
     * What a thread does on behalf of a message.
     *
     * @param <X> what it may throw
     */
    @FunctionalInterface
    public interface Action<X extends Exception> {
        /**
         * Runs.
         *
         * @throws X any failure
         */
        void run() throws X;
    }
}
