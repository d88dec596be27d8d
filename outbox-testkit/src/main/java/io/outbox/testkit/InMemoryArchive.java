package io.outbox.testkit;

import io.outbox.spi.ArchivedMessage;
import io.outbox.spi.StoredMessage;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The published messages that an in-memory store keeps. Every call is made with the database's monitor held. */
final class InMemoryArchive {
    private final Deque<ArchivedMessage> messages = new ArrayDeque<>();

    void add(StoredMessage message, Instant now) {
        messages.add(new ArchivedMessage(now, message));
    }

    List<ArchivedMessage> find(String messageId) {
        return messages.stream()
                .filter(kept -> kept.message().message().messageId().equals(messageId))
                .toList();
    }

    int purge(Duration age, int limit, Instant now) {
        int count = 0;
        while (count < limit
                && !messages.isEmpty()
                && !messages.element().publishedAt().isAfter(now.minus(age))) {
            messages.remove();
            count++;
        }
        return count;
    }
}
