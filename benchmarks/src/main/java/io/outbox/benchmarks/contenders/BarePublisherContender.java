package io.outbox.benchmarks.contenders;

import io.outbox.benchmarks.wire.BenchMessage;
import io.outbox.benchmarks.worker.Contender;
import io.outbox.benchmarks.worker.Sink;
import io.outbox.benchmarks.worker.WorkerContext;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A plain publisher that sends the messages from memory, in a pipeline: no database at all. */
public final class BarePublisherContender implements Contender {
    private static final Logger LOG = LoggerFactory.getLogger(BarePublisherContender.class);

    private final WorkerContext context;
    private long from;
    private long to;
    private volatile boolean running;
    private @Nullable Thread sender;

    /** Makes the contender; touches no broker. */
    public BarePublisherContender(WorkerContext context) {
        this.context = context;
    }

    @Override
    public void createTables() {
        to = 0;
    }

    @Override
    public void preload(long first, long end, String topic) {
        from = first;
        to = end;
    }

    @Override
    public void startRelay(String topic) {
        running = true;
        sender = new Thread(() -> send(topic), "bare-publisher");
        sender.start();
    }

    private void send(String topic) {
        try (Sink sink = context.openSink(Backlog.fastProducer())) {
            for (long number = from; number < to && running; number++) {
                BenchMessage message = context.message(number);
                sink.send(topic, message.keyText(), message.id(), message.bytes(context.padding()), failure -> {
                    if (failure != null) {
                        LOG.error("the broker refused a message", failure);
                    }
                });
            }
        }
    }

    @Override
    public void stopRelay() throws InterruptedException {
        running = false;
        if (sender != null) {
            sender.join();
            sender = null;
        }
    }

    @Override
    public void transact(BenchMessage message, String topic) {
        throw new UnsupportedOperationException("there is no database");
    }
}
