package io.outbox.jdbc;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Who is told of commits. Thread-safe. */
final class CommitListeners {
    private static final Logger LOG = LoggerFactory.getLogger(JdbcOutboxStore.class);

    private final List<Registration> registered = new CopyOnWriteArrayList<>();

    /** Adds a listener; what is returned removes it. */
    Runnable add(Consumer<String> listener) {
        Registration one = new Registration(listener);
        registered.add(one);
        return () -> registered.remove(one);
    }

    /** Tells all of them about channels with new messages; what they throw is logged. */
    void notifyAbout(Set<String> channels) {
        for (Registration one : registered) {
            for (String channel : channels) {
                try {
                    one.listener.accept(channel);
                } catch (RuntimeException e) {
                    LOG.warn("a listener for commits of channel {} failed", channel, e);
                }
            }
        }
    }

    /** Makes two registrations of one listener different. */
    private static final class Registration {
        private final Consumer<String> listener;

        Registration(Consumer<String> listener) {
            this.listener = listener;
        }
    }
}
