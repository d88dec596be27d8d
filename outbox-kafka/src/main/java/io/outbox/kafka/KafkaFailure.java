package io.outbox.kafka;

import org.apache.kafka.common.InvalidRecordException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.ClusterAuthorizationException;
import org.apache.kafka.common.errors.InvalidPidMappingException;
import org.apache.kafka.common.errors.InvalidProducerEpochException;
import org.apache.kafka.common.errors.InvalidTimestampException;
import org.apache.kafka.common.errors.InvalidTopicException;
import org.apache.kafka.common.errors.OutOfOrderSequenceException;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.errors.RecordBatchTooLargeException;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.UnsupportedVersionException;

/** What a failure of the producer means, by its type; no text is looked at. */
enum KafkaFailure {
    /** The record itself is refused; the producer goes on and keeps the order of the others. */
    MESSAGE,
    /** The producer has retried until its time was over: the brokers, or this partition's leader, are away. */
    GAVE_UP,
    /** The producer, the connection or its rights are at fault, not the message; also the fate of records whose producer was closed. */
    PRODUCER,
    /** The broker refuses for a reason this version does not know; the attempt counts, so that it ends some day. */
    UNKNOWN;

    static KafkaFailure of(Throwable failure) {
        if (failure instanceof RecordTooLargeException
                || failure instanceof RecordBatchTooLargeException
                || failure instanceof InvalidTopicException
                || failure instanceof TopicAuthorizationException
                || failure instanceof InvalidRecordException
                || failure instanceof InvalidTimestampException
                || failure instanceof SerializationException) {
            return MESSAGE;
        }
        if (failure instanceof RetriableException) {
            return GAVE_UP;
        }
        // the whole producer may not write, or not log in: that must not turn the outbox into dead letters
        if (failure instanceof ClusterAuthorizationException
                || failure instanceof AuthenticationException
                || failure instanceof ProducerFencedException
                || failure instanceof InvalidProducerEpochException
                || failure instanceof InvalidPidMappingException
                || failure instanceof OutOfOrderSequenceException
                || failure instanceof UnsupportedVersionException
                || failure instanceof IllegalStateException) {
            return PRODUCER;
        }
        // a bare KafkaException: closed by force, or innocent in a batch with an invalid record
        return failure instanceof KafkaException && !(failure instanceof ApiException) ? PRODUCER : UNKNOWN;
    }
}
