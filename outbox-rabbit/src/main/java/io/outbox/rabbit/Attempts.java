package io.outbox.rabbit;

import io.outbox.InvalidMessageException;
import io.outbox.TransientStoreException;
import io.outbox.consumer.Handling;
import io.outbox.consumer.IdempotentConsumer;
import io.outbox.consumer.MessageHandler;
import io.outbox.consumer.ReceivedMessage;
import io.outbox.consumer.UnknownTypeException;

/** Makes one attempt at one delivery: decodes it and gives it to the idempotent consumer. Confined to one thread. */
final class Attempts<T> {
    /** What came of an attempt. */
    enum Result {
        /** Its effects are committed, now or before. */
        DONE,
        /** It failed, and may pass another time. */
        FAILED,
        /** The database failed, not the message: the attempt does not count, and other messages would fare no better. */
        STORE_FAILED,
        /** It fails whenever it is tried. */
        HOPELESS
    }

    private final IdempotentConsumer<T> consumer;
    private final MessageHandler<T, ? extends Exception> handler;
    private final LoopCounters counters;
    private boolean entered;
    private Throwable failure = new IllegalStateException("no failure");

    Attempts(IdempotentConsumer<T> consumer, MessageHandler<T, ? extends Exception> handler, LoopCounters counters) {
        this.consumer = consumer;
        this.handler = handler;
        this.counters = counters;
    }

    /** Why the last attempt failed. */
    Throwable failure() {
        return failure;
    }

    Result make(Delivered delivered, int number) {
        entered = false;
        try {
            ReceivedMessage message =
                    DeliveryDecoder.decode(delivered.queue(), delivered.properties(), delivered.body(), number);
            Handling handling = consumer.handle(message, this::enter);
            (handling == Handling.DUPLICATE ? counters.duplicates : counters.handled).increment();
            return Result.DONE;
        } catch (UnknownTypeException | InvalidMessageException e) {
            return failed(Result.HOPELESS, e);
        } catch (TransientStoreException e) {
            return failed(Result.STORE_FAILED, e);
        } catch (Exception e) {
            if (e instanceof InterruptedException) {
                Thread.currentThread().interrupt();
            }
            // before the handler was called there was only the database: a missing table is no message's fault
            return failed(entered ? Result.FAILED : Result.STORE_FAILED, e);
        }
    }

    private void enter(T transaction, ReceivedMessage message) throws Exception {
        entered = true;
        handler.handle(transaction, message);
    }

    private Result failed(Result result, Exception cause) {
        failure = cause;
        counters.failedAttempts.increment();
        return result;
    }
}
