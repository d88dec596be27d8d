package io.outbox.benchmarks.harness;

import io.outbox.benchmarks.wire.ArrivalCheck;
import java.util.Map;

/** The broker of one benchmark, private to it. */
interface Broker extends AutoCloseable {
    /** Tells a worker where it is. */
    void describe(Map<String, String> worker);

    /** Makes a topic or a queue. */
    void createTopic(String topic, int partitions);

    /** Removes a topic or a queue, so that its data need not be kept or flushed. */
    void deleteTopic(String topic);

    /** Reads a topic or a queue from its beginning, and checks what is in it. */
    ArrivalSource watch(String topic, int partitions, ArrivalCheck check, boolean prompt);

    /** Names what it is. */
    void versions(Map<String, String> versions);

    @Override
    void close();
}
