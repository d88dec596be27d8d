package io.outbox.relay;

import io.outbox.spi.ParkedMessage;
import io.outbox.spi.ParkedStore;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What stands behind retries, for publishers that do not keep order by themselves: the messages of a key go one after the
 * other, and are looked up some at a time. Searching for the first message of each key, for each message anew, would take
 * longer than they take to come when many are parked.
 *
 * <p>Confined to the retry pass.
 */
final class Followers {
    private static final int AT_ONCE = 20;
    /** Half of the places of the retries: the others stay for scheduled messages and for keys found by search. */
    static final int MAX_KEYS = RetryPass.MAX_IN_FLIGHT / 2;

    private final ParkedStore store;
    private final Map<String, Queue> queues = new HashMap<>();

    /** Messages of a key, known under one lease of their shard. */
    private record Queue(@Nullable Long epoch, Deque<ParkedMessage> messages) {}

    Followers(ParkedStore store) {
        this.store = store;
    }

    /**
     * Returns the message that is next after one that has been published and deleted; null when there is none whose time has
     * surely come, when the shard is not held any more, or when enough keys are under way like that.
     *
     * @param shards those that may be published from, with their epochs
     */
    @Nullable
    ParkedMessage next(String key, ParkedMessage published, Map<Integer, Long> shards) {
        Long epoch = shards.get(published.message().shard());
        Queue queue = queues.get(key);
        if (queue == null && queues.size() >= MAX_KEYS) {
            return null;
        }
        if (queue == null || queue.messages().isEmpty() || !Objects.equals(queue.epoch(), epoch)) {
            queue = new Queue(epoch, new ArrayDeque<>());
            if (epoch != null) {
                queue.messages().addAll(store.behind(published, AT_ONCE));
            }
            queues.put(key, queue);
        }
        ParkedMessage next = queue.messages().poll();
        if (next == null || next.attempts() > 0) { // one that has failed before has a time of its own
            queues.remove(key);
            return null;
        }
        return next;
    }

    /** A message of the key has failed: what is behind it waits. */
    void forget(String key) {
        queues.remove(key);
    }

    void forgetAll() {
        queues.clear();
    }
}
