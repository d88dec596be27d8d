package io.outbox.kafka;

import static java.util.Objects.requireNonNull;

import io.outbox.consumer.ReceivedMessage;
import io.outbox.consumer.internal.Delivery;
import java.nio.ByteBuffer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.Headers;
import org.jspecify.annotations.Nullable;

/** One record between poll and commit. */
final class RecordDelivery implements Delivery {
    /** What orders records inside a partition. */
    private record Key(TopicPartition partition, ByteBuffer bytes) {}

    private final PartitionLog log;
    private final boolean byKey;
    private final DeadLetters deadLetters;
    private final OffsetAndMetadata next;
    private final int bytes;
    /** Null when it is done: it may have to wait long for records before it until its offset can be committed. */
    private volatile @Nullable ConsumerRecord<byte[], byte[]> record;

    RecordDelivery(PartitionLog log, ConsumerRecord<byte[], byte[]> record, boolean byKey, DeadLetters deadLetters) {
        this.log = log;
        this.record = record;
        this.byKey = byKey;
        this.deadLetters = deadLetters;
        next = new OffsetAndMetadata(record.offset() + 1, record.leaderEpoch(), "");
        bytes = Math.max(0, record.serializedKeySize())
                + Math.max(0, record.serializedValueSize())
                + bytesOf(record.headers());
    }

    private static int bytesOf(Headers headers) {
        int bytes = 0;
        for (Header header : headers) {
            bytes += header.key().length() + (header.value() == null ? 0 : header.value().length);
        }
        return bytes;
    }

    private ConsumerRecord<byte[], byte[]> record() {
        return requireNonNull(record, "a record that is done is forgotten");
    }

    /** The partition, or the key in it. */
    @Override
    public @Nullable Object order() {
        byte[] key = record().key();
        if (!byKey) {
            return log.partition;
        }
        return key == null ? null : new Key(log.partition, ByteBuffer.wrap(key));
    }

    /** Which of several threads handles it: always the same for the same order. */
    int lane(int lanes) {
        Object order = order();
        int hash = order == null ? Long.hashCode(next.offset()) : order.hashCode();
        return Math.floorMod(hash ^ (hash >>> 16), lanes);
    }

    int bytes() {
        return bytes;
    }

    @Override
    public ReceivedMessage decode() {
        return RecordDecoder.decode(record(), 1);
    }

    @Override
    public int attemptsBefore() {
        return 0;
    }

    @Override
    public Source source() {
        return log;
    }

    @Override
    public void done() {
        record = null;
        log.done(this);
    }

    boolean isDone() {
        return record == null;
    }

    /** Where a consumer begins that has done everything up to here. */
    OffsetAndMetadata next() {
        return next;
    }

    @Override
    public String setAside(Throwable reason, int attempts) throws SetAsideException {
        String topic = deadLetters.topicFor(record());
        try {
            deadLetters.add(record(), reason, attempts);
            return "topic " + topic;
        } catch (KafkaException e) {
            throw new SetAsideException("topic " + topic + " does not take it", e);
        }
    }

    /** Records wait in the loop only. */
    @Override
    public boolean postpone(Throwable reason, int attempts) {
        return false;
    }

    @Override
    public String place() {
        return "record " + log.partition + "-" + (next.offset() - 1);
    }
}
