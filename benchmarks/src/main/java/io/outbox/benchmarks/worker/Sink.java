package io.outbox.benchmarks.worker;

import org.jspecify.annotations.Nullable;

/** Where a relay that is not ours sends its messages. Thread-safe. */
public interface Sink extends AutoCloseable {
    /** Hears what became of a message. */
    @FunctionalInterface
    interface Answer {
        /** Takes null for success, or why not. */
        void done(@Nullable Exception failure);
    }

    /** Starts to send a message; the answer comes on any thread. */
    void send(String topic, String key, String id, byte[] payload, Answer answer);

    /** Sends a message and waits for the answer. */
    void sendAndWait(String topic, String key, String id, byte[] payload) throws InterruptedException;

    @Override
    void close();
}
