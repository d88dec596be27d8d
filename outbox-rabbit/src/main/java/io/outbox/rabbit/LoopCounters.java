package io.outbox.rabbit;

import java.util.concurrent.atomic.LongAdder;

/** What the threads of a loop have done. Thread-safe. */
final class LoopCounters {
    final LongAdder handled = new LongAdder();
    final LongAdder duplicates = new LongAdder();
    final LongAdder failedAttempts = new LongAdder();
    final LongAdder deadLetters = new LongAdder();

    RabbitConsumerLoop.Counts read() {
        return new RabbitConsumerLoop.Counts(handled.sum(), duplicates.sum(), failedAttempts.sum(), deadLetters.sum());
    }
}
