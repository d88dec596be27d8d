package io.outbox.kafka;

import java.util.concurrent.atomic.LongAdder;

/** What the threads of a loop have done. Thread-safe. */
final class LoopCounters {
    final LongAdder handled = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder failedAttempts = new LongAdder();
    final LongAdder deadLetters = new LongAdder();

    KafkaConsumerLoop.Counts read() {
        return new KafkaConsumerLoop.Counts(handled.sum(), duplicates.sum(), failedAttempts.sum(), deadLetters.sum());
    }
}
