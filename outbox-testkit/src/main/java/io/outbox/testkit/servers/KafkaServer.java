package io.outbox.testkit.servers;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.KafkaFuture;
import org.jspecify.annotations.Nullable;

/** A Kafka cluster of one node; topics are not made by themselves. Thread-safe. */
public final class KafkaServer extends TestServer {

    private static final Duration ADMIN_LIMIT = Duration.ofSeconds(30);
    private static final Duration PROBE_LIMIT = Duration.ofSeconds(5);

    private final String bootstrapServers;

    KafkaServer(ServerControl control, boolean shared, String bootstrapServers) {
        super(control, shared);
        this.bootstrapServers = Objects.requireNonNull(bootstrapServers, "bootstrapServers");
    }

    /**
     * Returns the value for the {@code bootstrap.servers} setting of clients.
     *
     * @return for example {@code 127.0.0.1:19092}
     */
    public String bootstrapServers() {
        return bootstrapServers;
    }

    /**
     * Creates a topic with the broker's default settings and waits until its partitions have a leader.
     *
     * @param name the topic's name
     * @param partitions how many partitions, at least 1
     * @throws IllegalStateException if the topic exists or the broker does not answer within 30 s
     */
    public void createTopic(String name, int partitions) {
        createTopic(name, partitions, Map.of());
    }

    /**
     * Creates a topic and waits until its partitions have a leader.
     *
     * @param name the topic's name
     * @param partitions how many partitions, at least 1
     * @param settings the topic's own settings, for example {@code max.message.bytes}
     * @throws IllegalStateException if the topic exists or the broker does not answer within 30 s
     */
    public void createTopic(String name, int partitions, Map<String, String> settings) {
        if (partitions < 1) {
            throw new IllegalArgumentException("partitions must be >= 1, was " + partitions);
        }
        NewTopic topic = new NewTopic(name, Optional.of(partitions), Optional.empty()).configs(settings);
        try (Admin admin = admin(bootstrapServers, ADMIN_LIMIT)) {
            get(admin.createTopics(List.of(topic)).all(), ADMIN_LIMIT, "create topic " + name);
            boolean led = Await.until(ADMIN_LIMIT, () -> hasLeaders(admin, name, partitions));
            if (!led) {
                throw new IllegalStateException("topic " + name + " has no leader after " + ADMIN_LIMIT);
            }
        }
    }

    /** Returns null if the broker answers and takes part in its cluster, otherwise what is wrong. */
    static @Nullable String problem(String bootstrapServers) {
        try (Admin admin = admin(bootstrapServers, PROBE_LIMIT)) {
            boolean joined = !get(admin.describeCluster().nodes(), PROBE_LIMIT, "describe the cluster")
                    .isEmpty();
            return joined ? null : "the broker has not joined its cluster";
        } catch (IllegalStateException e) {
            return e.getMessage();
        }
    }

    private static Admin admin(String bootstrapServers, Duration limit) {
        return Admin.create(Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers,
                AdminClientConfig.CLIENT_ID_CONFIG,
                "outbox-test-servers",
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG,
                Math.toIntExact(limit.toMillis()),
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG,
                Math.toIntExact(limit.toMillis())));
    }

    private static boolean hasLeaders(Admin admin, String topic, int partitions) {
        try {
            var described = get(
                            admin.describeTopics(List.of(topic)).allTopicNames(),
                            ADMIN_LIMIT,
                            "describe topic " + topic)
                    .get(topic);
            return described != null
                    && described.partitions().size() == partitions
                    && described.partitions().stream().allMatch(partition -> partition.leader() != null);
        } catch (IllegalStateException e) {
            return false; // the broker may not know the topic yet that its controller has made
        }
    }

    private static <T> T get(KafkaFuture<T> future, Duration limit, String what) {
        try {
            return future.get(limit.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException("Kafka cannot " + what + ": " + e.getCause(), e.getCause());
        } catch (TimeoutException e) {
            throw new IllegalStateException("Kafka did not " + what + " within " + limit, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while Kafka was to " + what, e);
        }
    }
}
