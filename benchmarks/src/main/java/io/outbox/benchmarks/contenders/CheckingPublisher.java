package io.outbox.benchmarks.contenders;

import io.outbox.benchmarks.wire.ArrivalCheck;
import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import io.outbox.spi.StoredMessage;
import java.util.function.Supplier;

/** Stands for a broker that costs nothing: checks the message and acknowledges it at once. */
final class CheckingPublisher implements Publisher {
    private final Supplier<ArrivalCheck> check;

    CheckingPublisher(Supplier<ArrivalCheck> check) {
        this.check = check;
    }

    @Override
    public void publish(StoredMessage message, Confirmation confirmation) {
        ArrivalCheck now = check.get();
        synchronized (now) {
            now.add(message.message().payload(), System.nanoTime());
        }
        confirmation.complete(PublishOutcome.published());
    }

    @Override
    public boolean keepsOrder() {
        return true;
    }

    @Override
    public void close() {}
}
