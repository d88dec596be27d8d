package io.outbox.sample.orders.common;

import io.outbox.kafka.KafkaConsumerLoop;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

// tag::orders-lifecycle[]
/** Runs a consumer loop while the context runs: started after the relay, stopped before it. */
public final class LoopLifecycle implements SmartLifecycle {
    private final KafkaConsumerLoop.Builder<?> builder;
    private @Nullable KafkaConsumerLoop loop;

    /** Makes one for a loop that is built at each start. */
    public LoopLifecycle(KafkaConsumerLoop.Builder<?> builder) {
        this.builder = builder;
    }

    @Override
    public synchronized void start() {
        loop = builder.build();
        loop.start();
    }

    @Override
    public synchronized void stop() {
        if (loop != null) {
            loop.close();
            loop = null;
        }
    }

    @Override
    public synchronized boolean isRunning() {
        return loop != null;
    }
}
// end::orders-lifecycle[]
