package io.outbox.kafka;

import io.outbox.spi.PublishOutcome;
import io.outbox.spi.Publisher;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.header.Header;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One message between {@code publish} and its outcome. Sent under the dispatcher's lock, completed on any thread. */
final class Delivery implements Callback {
    private static final Logger LOG = LoggerFactory.getLogger(Delivery.class);
    static final int UNGUARDED = -1;

    final TopicLane lane;
    final String messageId;
    private final Publisher.Confirmation confirmation;
    private final AtomicBoolean done = new AtomicBoolean();

    /** The content, given up when the producer has taken it. */
    private byte @Nullable [] key;

    private byte @Nullable [] value;
    private @Nullable List<Header> headers;

    /** Set before the record is given to the producer, whose queue publishes them to its I/O thread. */
    private @Nullable ProducerSession session;

    private int guardedPartition = UNGUARDED;
    private long sentNanos;

    /** The thread inside {@code send}: a callback on it is a refusal, not an answer. Other threads may see a stale value. */
    private @Nullable Thread sender;

    private @Nullable Exception refusal;

    Delivery(
            TopicLane lane,
            String messageId,
            byte @Nullable [] key,
            byte[] value,
            List<Header> headers,
            Publisher.Confirmation confirmation) {
        this.lane = lane;
        this.messageId = messageId;
        this.key = key;
        this.value = value;
        this.headers = headers;
        this.confirmation = confirmation;
    }

    byte @Nullable [] key() {
        return key;
    }

    ProducerRecord<byte[], byte[]> record(@Nullable Integer partition) {
        return new ProducerRecord<>(lane.topic, partition, null, key, value, headers);
    }

    /** Its answer tells the {@link PartitionGuard} of this partition; before it is sent. */
    void guard(int partition) {
        guardedPartition = partition;
    }

    void beginSend(ProducerSession into, long nowNanos) {
        session = into;
        sentNanos = nowNanos;
        refusal = null;
        sender = Thread.currentThread();
    }

    void refused(Exception failure) {
        refusal = failure;
    }

    /** Ends an attempt to send; returns why the producer did not take the record, or null when it has taken it. */
    @Nullable
    Exception endSend() {
        sender = null;
        if (refusal == null) {
            forgetContent();
        }
        return refusal;
    }

    private void forgetContent() {
        key = null;
        value = null;
        headers = null;
    }

    boolean isGuarded() {
        return guardedPartition != UNGUARDED;
    }

    int guardedPartition() {
        return guardedPartition;
    }

    long sentNanos() {
        return sentNanos;
    }

    boolean isDone() {
        return done.get();
    }

    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception failure) {
        if (Thread.currentThread() == sender) {
            refusal = failure;
        } else if (session != null) {
            session.answered(this, metadata, failure);
        }
    }

    /** Reports the outcome once. Never called under the dispatcher's lock: the relay holds its own while it publishes. */
    void complete(PublishOutcome outcome) {
        if (!done.compareAndSet(false, true)) {
            return;
        }
        try {
            confirmation.complete(outcome);
        } catch (RuntimeException e) {
            LOG.error("The confirmation of message {} to topic {} failed", messageId, lane.topic, e);
        }
    }
}
