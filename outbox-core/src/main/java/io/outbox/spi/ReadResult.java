package io.outbox.spi;

import static java.util.Objects.requireNonNull;

import java.util.List;
import java.util.Set;

/**
 * What one read saw, all at one moment (one snapshot of the database).
 *
 * @param messages the messages found, ascending by id
 * @param blocked ids of messages whose key has a blocking parked message; empty unless that was asked
 * @param topId the highest id of any channel and shard that was visible, or the request's {@code afterId} when there was
 *     none above it: when fewer messages came than asked for, nothing that was visible up to here is missing
 * @param writers what the database knew about writing transactions at that moment
 */
public record ReadResult(List<StoredMessage> messages, Set<Long> blocked, long topId, WriterSnapshot writers) {
    /** Checks that nothing is missing. */
    public ReadResult {
        requireNonNull(messages, "messages");
        requireNonNull(blocked, "blocked");
        requireNonNull(writers, "writers");
    }
}
