package io.outbox.kafka;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.BitSet;

/**
 * Publishes messages 0, 1, 2 … as the relay would: pipelined, and after an unavailability, when nothing is outstanding any
 * more, all that are not acknowledged again, in order. The payload is the number, padded.
 */
final class Driver implements Runnable {
    private static final int WINDOW = 2_000;
    private static final int PAYLOAD = 200;
    private static final long BACKOFF_MILLIS = 50;

    private final Publisher publisher;
    private final String topic;
    private final int messages;
    private final int keys;
    private final long paceMillis;
    /** All fields below are guarded by this. */
    private final BitSet acknowledged = new BitSet();

    private int outstanding;
    private boolean halted;
    private int halts;
    private long longestCallNanos;
    private PublishOutcome unexpected = PublishOutcome.published();

    /** As fast as the window allows. */
    Driver(Publisher publisher, String topic, int messages, int keys) {
        this(publisher, topic, messages, keys, 0);
    }

    Driver(Publisher publisher, String topic, int messages, int keys, long paceMillis) {
        this.paceMillis = paceMillis;
        this.publisher = publisher;
        this.topic = topic;
        this.messages = messages;
        this.keys = keys;
    }

    synchronized int acknowledged() {
        return acknowledged.cardinality();
    }

    synchronized int halts() {
        return halts;
    }

    synchronized long longestCallMillis() {
        return longestCallNanos / 1_000_000;
    }

    synchronized PublishOutcome unexpected() {
        return unexpected;
    }

    @Override
    public void run() {
        try {
            while (acknowledged() < messages) {
                pass();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void pass() throws InterruptedException {
        for (int next = 0; next < messages; next++) {
            synchronized (this) {
                next = acknowledged.nextClearBit(next);
                if (paceMillis > 0) {
                    wait(paceMillis);
                }
                while (outstanding >= WINDOW && !halted) {
                    wait();
                }
                if (halted || next >= messages) {
                    break;
                }
                outstanding++;
                // under the lock that the outcomes take, like the relay: none comes between the look and the hand-over
                publish(next);
            }
        }
        synchronized (this) {
            while (outstanding > 0) {
                wait();
            }
            if (halted) {
                wait(BACKOFF_MILLIS);
            }
            halted = false;
        }
    }

    private void publish(int number) {
        byte[] payload = Arrays.copyOf(Integer.toString(number).getBytes(StandardCharsets.UTF_8), PAYLOAD);
        Arrays.fill(payload, Integer.toString(number).length(), PAYLOAD, (byte) ' ');
        long began = System.nanoTime();
        publisher.publish(
                Samples.message(topic, "k" + number % keys, "id-" + number, payload), outcome -> told(number, outcome));
        long took = System.nanoTime() - began;
        synchronized (this) {
            longestCallNanos = Math.max(longestCallNanos, took);
        }
    }

    private synchronized void told(int number, PublishOutcome outcome) {
        outstanding--;
        if (outcome instanceof PublishOutcome.Published) {
            acknowledged.set(number);
        } else {
            if (!halted) {
                halted = true;
                halts++;
            }
            if (!(outcome instanceof PublishOutcome.Unavailable)) {
                unexpected = outcome;
            }
        }
        notifyAll();
    }
}
